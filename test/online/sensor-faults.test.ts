import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readCsv } from '../../lib/adapters/csv.ts';
import { Scaler } from '../../lib/model/scaler.ts';
import { SensorHealth } from '../../lib/online/sensors/health.ts';
import { flagBit, flagNames, type HealthFlag } from '../../lib/online/sensors/health-flags.ts';
import { createRandom } from '../../lib/base/random.ts';

// The data sets may not be shipped: they lie beside the project where they are described, or these tests skip.
const folder = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
const here = existsSync(`${folder}ett/ETTm1.csv`) && existsSync(`${folder}nab/windows.json`);
if (!here) console.warn(`SKIPPED: the tests of sensor health on real data need ${folder}`);

interface Series {
  name: string;
  values: Float64Array;
  /** Of the training rows: mean, deviation, mean distance of two readings. */
  mean: number;
  std: number;
  step: number;
  /** 1 where the data themselves are known to be wrong. */
  faulty: Uint8Array;
}

/** Readings at rest that are a recorded fault: the channels of the transformer do it all seven at once. */
const RECORDED_REST = 20;

async function readSeries(): Promise<Series[]> {
  const ett = await readCsv(`${folder}ett/ETTm1.csv`);
  const transformer = ett.columns.map((values, i) => {
    const faulty = new Uint8Array(values.length);
    for (let start = 0, end = 0; start < values.length; start = end) {
      while (end < values.length && values[end] === values[start]) end++;
      if (end - start >= RECORDED_REST || values[start] === 0) faulty.fill(1, start, end);
    }
    return makeSeries(`ETTm1 ${ett.names[i]}`, values, 34_560, faulty);
  });
  const windows: Record<string, [string, string][]> = JSON.parse(readFileSync(`${folder}nab/windows.json`, 'utf8'));
  const machines = ['machine', 'ambient'].map((name) => {
    const file = `${name}_temperature_system_failure.csv`;
    const lines = readFileSync(`${folder}nab/${file}`, 'utf8').trim().split('\n').slice(1);
    const cells = lines.map((line) => line.split(','));
    const within = (time: string) =>
      windows[file]!.some(([from, to]) => time >= from.slice(0, 19) && time <= to.slice(0, 19));
    const faulty = Uint8Array.from(cells, ([time]) => Number(within(time!)));
    const values = Float64Array.from(cells, ([, value]) => Number(value));
    return makeSeries(`NAB ${name}`, values, 750, faulty);
  });
  return [...transformer, ...machines];
}

function makeSeries(name: string, values: Float64Array, training: number, faulty: Uint8Array): Series {
  const { mean, std } = Scaler.fit([name], [values], 0, training);
  let way = 0;
  for (let i = 1; i < training; i++) way += Math.abs(values[i]! - values[i - 1]!);
  return { name, values, mean: mean[0]!, std: std[0]!, step: way / (training - 1), faulty };
}

/** Judges the whole series; `visit` sees the flag word of each reading, and the memory before and after it. */
function judge(one: Series, visit: (i: number, word: number, row: Float64Array, health: SensorHealth) => void): void {
  const health = new SensorHealth({ names: [one.name], mean: [one.mean], std: [one.std] });
  const row = new Float64Array(health.size);
  const flags = new Int32Array(1);
  for (let i = 0; i < one.values.length; i++) {
    health.check(row, 0, [one.values[i]!], flags);
    visit(i, flags[0]!, row, health);
  }
}

/** The flag words of further readings, judged with a copy of the memory. */
function continueWith(health: SensorHealth, row: Float64Array, readings: Iterable<number>): number[] {
  const copy = row.slice();
  const flags = new Int32Array(1);
  return Array.from(readings, (reading) => {
    health.check(copy, 0, [reading], flags);
    return flags[0]!;
  });
}

/** Calls `inject` at some 1 in `rarity` of the readings that have clean ones around. */
function atCleanPlaces(
  one: Series,
  { rarity, after }: { rarity: number; after: number },
  inject: (next: Float64Array, row: Float64Array, health: SensorHealth, random: () => number) => void,
): void {
  const random = createRandom(1);
  judge(one, (i, _word, row, health) => {
    if (i < 1000 || i + after >= one.values.length || random() * rarity > 1) return;
    if (one.faulty.subarray(i - 60, i + after).includes(1)) return;
    inject(one.values.subarray(i + 1, i + 1 + after), row, health, random);
  });
}

const percent = (share: number) => `${(100 * share).toFixed(3)} %`;

test.skipIf(!here)('flags fewer than one in a thousand clean readings of nine real series', async () => {
  let [clean, wrong] = [0, 0];
  for (const one of await readSeries()) {
    const counts: Partial<Record<HealthFlag, number>> = {};
    let found = 0;
    judge(one, (i, word) => {
      if (one.faulty[i]) {
        found += Number(word !== 0);
        return;
      }
      clean++;
      wrong += Number(word !== 0);
      for (const flag of flagNames(word)) counts[flag] = (counts[flag] ?? 0) + 1;
    });
    const faulty = one.faulty.reduce((sum, bit) => sum + bit, 0);
    console.log(
      `${one.name}: false flags ${JSON.stringify(counts)}; ${found} of ${faulty} readings in recorded faults`,
    );
  }
  console.log(`false flags: ${wrong} of ${clean} clean readings, ${percent(wrong / clean)}`);
  expect(clean).toBeGreaterThan(490_000);
  expect(wrong / clean).toBeLessThan(0.001);
});

interface Fault {
  name: string;
  flag: HealthFlag;
  /** Readings within which it must be found. */
  within: number;
  /** The faulty reading in place of `value`, k samples after `first`; undefined where the fault would not stand out. */
  reading(one: Series, value: number, first: number, k: number, random: () => number): number | undefined;
}

/** Where the change moves the reading by four deviations, and by 60 steps of the noisier unit. */
function unitChange(name: string, scale: number, offset: number): Fault {
  const reading: Fault['reading'] = (one, value, first) => {
    const jump = Math.abs(scale * first + offset - first);
    const standsOut = jump > 4 * one.std && jump > 60 * Math.max(1, scale) * one.step;
    return standsOut ? scale * value + offset : undefined;
  };
  return { name, flag: 'unit-jump', within: 3, reading };
}

const FAULTS: Fault[] = [
  {
    name: 'a spike of 6 deviations',
    flag: 'spike',
    within: 1,
    reading: (one, value) => value + (value > one.mean ? -6 : 6) * one.std,
  },
  { name: 'no number', flag: 'dropout', within: 1, reading: () => Number.NaN },
  {
    name: '0 at a level of two deviations or more',
    flag: 'dropout',
    within: 1,
    reading: (one, _value, first) => (Math.abs(first) > 2 * one.std ? 0 : undefined),
  },
  { name: '11 deviations from the mean', flag: 'out-of-range', within: 1, reading: (one) => one.mean - 11 * one.std },
  { name: 'the same number', flag: 'stuck', within: 120, reading: (_one, _value, first) => first },
  {
    name: 'noise of 1/1000 deviation',
    flag: 'flatline',
    within: 120,
    reading: (one, _value, first, _k, random) => first + (random() - 0.5) * 2e-3 * one.std,
  },
  unitChange('Celsius to Fahrenheit', 1.8, 32),
  unitChange('Fahrenheit to Celsius', 1 / 1.8, -32 / 1.8),
  unitChange('Celsius to kelvin', 1, 273.15),
  unitChange('times 10', 10, 0),
  unitChange('bar to kPa', 100, 0),
  unitChange('times 1000', 1000, 0),
];

test.skipIf(!here)('finds more than 95 % of each kind of injected fault', async () => {
  const delays = new Map(FAULTS.map((fault) => [fault, [] as number[]]));
  for (const one of await readSeries()) {
    atCleanPlaces(one, { rarity: 250, after: 150 }, (next, row, health, random) => {
      for (const [fault, found] of delays) {
        if (fault.reading(one, next[0]!, next[0]!, 0, random) === undefined) continue;
        const values = next.subarray(0, fault.within);
        const readings = Array.from(values, (value, k) => fault.reading(one, value, next[0]!, k, random)!);
        const k = continueWith(health, row, readings).findIndex((word) => word & flagBit(fault.flag));
        found.push(k < 0 ? Number.POSITIVE_INFINITY : k + 1);
      }
    });
  }
  for (const [{ name, flag, within }, found] of delays) {
    const share = found.filter(Number.isFinite).length / found.length;
    const median = found.sort((a, b) => a - b)[found.length >> 1];
    console.log(
      `${name}: ${percent(share)} of ${found.length} are ${flag} within ${within} readings, half within ${median}`,
    );
    expect(found.length, name).toBeGreaterThan(100);
    expect(share, name).toBeGreaterThan(0.95);
  }
});

test.skipIf(!here)('believes a real change of level, and a change of unit as long as it lasts', async () => {
  const fahrenheit = unitChange('Celsius to Fahrenheit', 1.8, 32);
  const [soon, misnamed, kept]: [boolean[], boolean[], boolean[]] = [[], [], []];
  for (const one of await readSeries()) {
    atCleanPlaces(one, { rarity: 500, after: 600 }, (next, row, health, random) => {
      const size = (4 + 6 * random()) * (next[0]! > one.mean ? -1 : 1) * one.std;
      const level = continueWith(
        health,
        row,
        next.map((value) => value + size),
      );
      soon.push(level.slice(1, 10).every((word) => word === 0));
      misnamed.push((level.at(-1)! & flagBit('unit-jump')) !== 0);
      const readings = Array.from(next, (value, k) => fahrenheit.reading(one, value, next[0]!, k, random));
      if (readings[0] === undefined) return;
      kept.push((continueWith(health, row, readings as number[]).at(-1)! & flagBit('unit-jump')) !== 0);
    });
  }
  const share = (answers: boolean[]) => answers.filter(Boolean).length / answers.length;
  console.log(
    `changes of level by 4 to 10 deviations: ${percent(share(soon))} of ${soon.length} believed with the second reading, ` +
      `${percent(share(misnamed))} still taken for a change of unit after 600; ` +
      `Celsius to Fahrenheit: ${percent(share(kept))} of ${kept.length} still named after 600`,
  );
  expect(share(soon)).toBeGreaterThan(0.8);
  expect(share(misnamed)).toBeLessThan(0.01);
  expect(share(kept)).toBeGreaterThan(0.9);
});
