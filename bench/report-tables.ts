// The tables of docs/performance.md, made from the results of one run.
import { number } from './format.ts';
import { markdownTable } from './markdown.ts';
import type { CellName, Result } from './record.ts';
import type { SavedRun } from './save.ts';

const cells: CellName[] = ['gru', 'lstm'];
const times = (ratio: number | null = null): string => (ratio === null ? '-' : `${number(ratio)}x`);
const percent = (share: number | null = null): string => (share === null ? '-' : `${(100 * share).toFixed(0)}%`);

/** The results of a trial, and subsets that share some values. */
class Rows {
  readonly all: readonly Result[];

  constructor(all: readonly Result[]) {
    this.all = all;
  }

  with(wanted: Partial<Result>): Rows {
    const entries = Object.entries(wanted) as [keyof Result, unknown][];
    return new Rows(this.all.filter((result) => entries.every(([key, value]) => result[key] === value)));
  }

  /** One subset for each different cell, batch and sizes, in the order measured. */
  shapes(): Rows[] {
    const groups = new Map<string, Result[]>();
    for (const result of this.all) {
      const key = JSON.stringify([result.cell, result.batch, result.sizes]);
      groups.set(key, [...(groups.get(key) ?? []), result]);
    }
    return [...groups.values()].map((group) => new Rows(group));
  }

  get onednn(): Result | undefined {
    return this.all.find(({ rivalName }) => rivalName?.startsWith('oneDNN'));
  }

  get first(): Result | undefined {
    return this.all[0];
  }
}

/** The tables of the trials that took part; the machine and its ceilings are those of the run that measured steps. */
export function reportTables({ results, machine }: SavedRun): Record<string, string> {
  const trial = (name: string) => new Rows(results.filter((result) => result.trial === name));
  const tables: Record<string, () => string> = {
    machine: () => machineTable(machine),
    ceilings: () => ceilings(trial('ceilings')),
    step: () => step(trial('step')),
    'step-js': () => stepJs(trial('step-js'), trial('step')),
    streams: () => streams(trial('streams'), trial('batch')),
    sequences: () => sequences(trial('sequences')),
    plan: () => plan(trial('plan')),
    training: () => training(trial('training')),
    accuracy: () => accuracy(trial('accuracy')),
    trained: () => trained(trial('trained')),
    tail: () => tail(trial('tail'), trial('decayed')),
  };
  const measured = new Set(results.map((result) => result.trial));
  const shown = Object.entries(tables).filter(([name]) =>
    measured.has(name === 'machine' || name === 'ceilings' ? 'step' : name),
  );
  return Object.fromEntries(shown.map(([name, table]) => [name, table()]));
}

function machineTable(machine: SavedRun['machine']): string {
  const rows = Object.entries(machine).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : `${value}`,
  ]);
  return markdownTable(['', ''], rows);
}

function ceilings(rows: Rows): string {
  const peaks = rows
    .with({ cell: null })
    .all.map(({ precision, ours, unit }) => `${precision} ${number(ours)} ${unit}`);
  const head = ['cell', 'H', 'bytes', 'alternating GB/s', 'forward GB/s', 'floor ns'];
  const reads = rows.all.filter(({ cell, precision }) => cell !== null && precision === 'f32');
  const lines = reads.map((row) => [
    row.cell!.toUpperCase(),
    `${row.sizes.hidden}`,
    number(row.bytes),
    number(row.ours),
    number(row.rival),
    number(row.floorNs),
  ]);
  return `Arithmetic of one core: ${peaks.join(', ')}.\n\n${markdownTable(head, lines)}`;
}

function step(rows: Rows): string {
  const head = [
    'cell',
    'H',
    'f32 ns',
    'of floor',
    'bf16 ns',
    'of floor',
    'against f32',
    'int8 ns',
    'of floor',
    'against f32',
  ];
  const lines = rows.shapes().map((shape) => {
    const of = (precision: string) => {
      const row = shape.with({ precision }).first;
      return [number(row?.ours), times(row?.floorRatio)];
    };
    const against = (precision: string) => times(shape.with({ precision, rivalName: 'gatecast f32' }).first?.ratio);
    const rivals = ['f32', 'bf16', 'int8'].map((precision) => number(shape.with({ precision }).onednn?.rival));
    const { cell, sizes } = shape.first!;
    const ours = [...of('f32'), ...of('bf16'), against('bf16'), ...of('int8'), against('int8')];
    return [cell!.toUpperCase(), `${sizes.hidden}`, ...ours, ...rivals];
  });
  return markdownTable([...head, 'oneDNN f32 ns', 'oneDNN bf16 ns', 'oneDNN int8 ns'], lines);
}

function stepJs(rows: Rows, kernels: Rows): string {
  const rivals = ['plain loops', 'tuned loops', 'onnxruntime-node', 'tfjs-wasm'];
  const head = ['cell', 'H', 'precision', '`step` ns', 'over the kernel ns', 'p99', 'p99.9', 'max'];
  const lines = rows.shapes().flatMap((shape) =>
    ['f32', 'bf16', 'int8'].flatMap((precision) => {
      const mine = shape.with({ precision });
      if (mine.first === undefined) return [];
      const { cell, sizes, ours, p99, p999, max } = mine.first;
      const kernel = kernels.with({ cell, precision }).all.find((row) => row.sizes.hidden === sizes.hidden);
      const over = kernel === undefined ? '-' : number(ours - kernel.ours);
      const faster = rivals.map((rivalName) => times(mine.with({ rivalName }).first?.ratio));
      const own = [cell!.toUpperCase(), `${sizes.hidden}`, precision, number(ours), over];
      return [[...own, number(p99), number(p999), number(max), ...faster]];
    }),
  );
  return markdownTable([...head, ...rivals.map((name) => `against ${name}`)], lines);
}

function streams(fromJs: Rows, native: Rows): string {
  const head = ['called from', 'cell', 'streams', 'precision', 'us', 'rival', 'rival us', 'ratio', 'of floor'];
  const lines = [...fromJs.all, ...native.all].map((row) => [
    row.trial === 'streams' ? 'JavaScript' : 'C++',
    row.cell!.toUpperCase(),
    `${row.batch}`,
    row.precision,
    number(row.ours / 1e3),
    row.rivalName ?? '-',
    number(row.rival === null ? null : row.rival / 1e3),
    times(row.ratio),
    times(row.floorRatio),
  ]);
  return markdownTable(head, lines);
}

function sequences(rows: Rows): string {
  const head = ['cell', 'B', 'T', 'H', 'precision', 'GFLOP/s', 'of peak', 'M steps/s', 'oneDNN GFLOP/s', 'ratio'];
  const lines = rows.shapes().flatMap((shape) =>
    ['f32', 'bf16', 'int8'].flatMap((precision) => {
      const one = shape.with({ precision, threads: 1 });
      if (one.first === undefined) return [];
      const { cell, batch, sizes, ours, floorRatio, millionSteps } = one.first;
      const rival = one.onednn;
      const two = shape.with({ precision, threads: 2, rivalName: 'gatecast, one thread' }).first;
      const own = [cell!.toUpperCase(), `${batch}`, `${sizes.steps}`, `${sizes.hidden}`, precision, number(ours)];
      const rest = [
        percent(floorRatio),
        number(millionSteps),
        number(rival?.rival),
        times(rival?.ratio),
        times(two?.ratio),
      ];
      return [[...own, ...rest]];
    }),
  );
  return markdownTable([...head, 'two threads'], lines);
}

function plan(rows: Rows): string {
  const head = [
    'cell',
    'plans',
    'T',
    'H',
    'precision',
    'decisions/s',
    'of the kernel',
    'two threads',
    'against PyTorch',
  ];
  const lines = rows.shapes().flatMap((shape) =>
    ['f32', 'bf16', 'int8'].flatMap((precision) => {
      const mine = shape.with({ precision });
      const alone = mine.with({ rivalName: 'the kernel alone' }).first;
      if (alone === undefined) return [];
      const { cell, batch, sizes, ours, ratio } = alone;
      const torch = mine.all.find(({ rivalName }) => rivalName?.startsWith('PyTorch'));
      const threads = mine.with({ threads: 2 }).first;
      const own = [cell!.toUpperCase(), `${batch}`, `${sizes.steps}`, `${sizes.hidden}`, precision, number(ours)];
      return [[...own, percent(ratio), times(threads?.ratio), times(torch?.ratio)]];
    }),
  );
  return markdownTable(head, lines);
}

function accuracy(rows: Rows): string {
  const isas = [...new Set(rows.all.map(({ isa }) => isa))].filter((isa) => isa !== 'all');
  const head = ['cell', 'H', 'precision', 'steps', ...isas, 'apart'];
  const lines = rows.shapes().flatMap((shape) =>
    ['f32', 'bf16', 'int8'].flatMap((precision) => {
      const mine = shape.with({ precision });
      if (mine.first === undefined) return [];
      const { cell, sizes } = mine.first;
      const errors = [...isas, 'all'].map((isa) => number(mine.with({ isa }).first?.ours));
      return [[cell!.toUpperCase(), `${sizes.hidden}`, precision, `${sizes.steps}`, ...errors]];
    }),
  );
  return markdownTable(head, lines);
}

function training(rows: Rows): string {
  const head = ['cell', 'H', 'threads', 'million steps/s', 'GFLOP/s', 'of peak', 'PyTorch GFLOP/s', 'ratio'];
  const lines = rows.all.map((row) => [
    row.cell!.toUpperCase(),
    `${row.sizes.hidden}`,
    `${row.threads}`,
    number(row.millionSteps),
    number(row.ours),
    percent(row.floorRatio),
    number(row.rival),
    times(row.ratio),
  ]);
  return markdownTable(head, lines);
}

function trained(rows: Rows): string {
  const lines = rows.all.map(({ cell, sizes, precision, ours, rival }) => [
    cell!.toUpperCase(),
    `${sizes.hidden}`,
    precision,
    number(ours),
    number(rival),
  ]);
  return markdownTable(['cell', 'H', 'precision', 'h', 'forecast, in deviations'], lines);
}

function tail(rows: Rows, decayed: Rows): string {
  const head = ['cell', 'H', 'precision', 'p50', 'p99', 'p99.9', 'max', 'p99.9 / p50', 'denormal p50', 'busy p50'];
  const lines = cells.flatMap((cell) =>
    rows.with({ cell }).all.map((row) => {
      const other = decayed.with({ cell, precision: row.precision }).first;
      const own = [cell.toUpperCase(), `${row.sizes.hidden}`, row.precision];
      const shares = [row.p50, row.p99, row.p999, row.max].map(number);
      return [...own, ...shares, times(row.p999! / row.p50!), number(other?.ours), number(other?.rival)];
    }),
  );
  return markdownTable(head, lines);
}
