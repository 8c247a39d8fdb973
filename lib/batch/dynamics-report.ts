/** Root mean squared errors of one output in its own unit: 1 step ahead, 2 steps ahead, and so on. */
export interface OutputErrors {
  readonly output: string;
  readonly unit?: string;
  /** Errors of the mean over the models. */
  readonly model: readonly number[];
  /** Errors of repeating the last measured value. */
  readonly hold: readonly number[];
  /** Errors of continuing from the last value with the velocity over the last rows. */
  readonly velocity: readonly number[];
  /** Root mean squared deviation of the models from their mean; 0 for one model. */
  readonly spread: readonly number[];
}

/** The errors of roll-outs, driven by the actions of a log, against the measured outputs. As text it is a table. */
export class DynamicsReport {
  /** How many roll-outs, of `steps` steps each. */
  readonly rollouts: number;
  readonly steps: number;
  readonly outputs: readonly OutputErrors[];

  constructor(rollouts: number, steps: number, outputs: readonly OutputErrors[]) {
    this.rollouts = rollouts;
    this.steps = steps;
    this.outputs = outputs;
  }

  /** A table of the errors of each output at some of the steps. */
  toString(): string {
    const ahead = shownSteps(this.steps);
    const header = ['steps ahead', ...ahead.map(String)];
    const rows = this.outputs.flatMap((errors) =>
      linesOf(errors).map(([name, values]) => [name, ...ahead.map((h) => values[h - 1]!.toPrecision(4))]),
    );
    const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => row[column]!.length)));
    const line = ([name, ...cells]: readonly string[]) =>
      [name!.padEnd(widths[0]!), ...cells.map((cell, k) => cell.padStart(widths[k + 1]!))].join('  ');
    return [`Root mean squared errors of ${this.rollouts} roll-outs:`, line(header), ...rows.map(line)].join('\n');
  }
}

function linesOf({ output, unit, model, hold, velocity, spread }: OutputErrors): [string, readonly number[]][] {
  const name = unit === undefined ? output : `${output} [${unit}]`;
  const below = ' '.repeat(name.length);
  const lines: [string, readonly number[]][] = [
    [`${name}: model`, model],
    [`${below}  hold`, hold],
    [`${below}  velocity`, velocity],
  ];
  if (spread.some((value) => value > 0)) lines.push([`${below}  spread of models`, spread]);
  return lines;
}

/** 1, 2, 5, 10, 20, 50 ... and the last. */
function shownSteps(steps: number): number[] {
  const shown: number[] = [];
  for (let power = 1; power < steps; power *= 10) {
    for (const digit of [1, 2, 5]) if (digit * power < steps) shown.push(digit * power);
  }
  return [...shown, steps];
}
