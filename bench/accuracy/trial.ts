/** How accurate Gatecast is on one kind of data. A new trial is a file in `trials/` and a row of `trials.ts`. */
export interface Trial {
  /** As `--trial` names it. */
  readonly name: string;
  /** What is forecast, and in which measures, in one sentence. */
  readonly about: string;
  /** The files of the data folder that it needs. Without them it is skipped. */
  readonly needs: readonly string[];
  run(task: Task): AsyncIterable<Outcome>;
}

export interface Task {
  /** True to show that everything works, with little learning: not how accurate it is. */
  readonly quick: boolean;
  /** The path of a file of the data folder. */
  readonly file: (name: string) => string;
}

/** How well one method forecast. */
export interface Outcome {
  readonly method: string;
  /** The errors by the name of their measure: less is better. */
  readonly errors: Readonly<Record<string, number>>;
  /** What the errors have to be, as published and with as many digits: a check of data, protocol and measures. */
  readonly known?: Readonly<Record<string, string>>;
  /** The options that were given; left out for a method without any. */
  readonly settings?: object;
  readonly seed?: number;
  /** How long learning and forecasting took. */
  readonly seconds: number;
}

/** A line of the results. */
export interface Measured extends Outcome {
  readonly trial: string;
}

/** What `work` gives, and the seconds that it took. */
export async function timed<Value>(work: () => Value | Promise<Value>): Promise<{ value: Value; seconds: number }> {
  const begun = performance.now();
  const value = await work();
  return { value, seconds: Number(((performance.now() - begun) / 1000).toFixed(1)) };
}
