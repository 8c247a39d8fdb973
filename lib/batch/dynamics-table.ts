import type { DynamicsReport, OutputErrors } from './evaluate-dynamics.ts';

/** A report as lines of text: for each output the errors at some of the steps, beside those of the baselines. */
export function dynamicsTable({ rollouts, steps, outputs }: DynamicsReport): string {
  const ahead = shownSteps(steps);
  const rows = outputs.flatMap((errors) =>
    rowsOf(errors).map(([name, values]) => [name, ...ahead.map((h) => short(values[h - 1]!))]),
  );
  const header = ['steps ahead', ...ahead.map(String)];
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]! + 2))).join('');
  return [`Root mean squared errors of ${rollouts} roll-outs:`, line(header), ...rows.map(line), ''].join('\n');
}

function rowsOf({ output, unit, model, hold, velocity, spread }: OutputErrors): [string, number[]][] {
  const several = spread.some((value) => value > 0);
  const name = unit === undefined ? output : `${output} [${unit}]`;
  return [
    [`${name}: model`, model],
    [`${' '.repeat(name.length)}  hold`, hold],
    [`${' '.repeat(name.length)}  velocity`, velocity],
    ...(several ? [[`${' '.repeat(name.length)}  spread of models`, spread] as [string, number[]]] : []),
  ];
}

/** 1, 2, 5, 10, 20, 50 ... and the last. */
function shownSteps(steps: number): number[] {
  const shown: number[] = [];
  for (let power = 1; power < steps; power *= 10) {
    for (const digit of [1, 2, 5]) if (digit * power < steps) shown.push(digit * power);
  }
  return [...shown, steps];
}

function short(value: number): string {
  return value.toPrecision(4);
}
