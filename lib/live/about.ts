import type { LiveSource } from './sources.ts';
import { LEVEL } from './training.ts';

/** What is forecast, in words and numbers that stay the same for a whole session: for whoever shows it. */
export interface About {
  /** Where the samples come from. */
  title: string;
  /** The sensors that are forecast, and where each one's value is in a sample. */
  targets: readonly { name: string; unit: string; column: number }[];
  /** Steps ahead. */
  horizon: number;
  /** What a step is called, and how many of it: a tenth of an 's', one of 'rows'. */
  step: { size: number; unit: string };
  /** The share of true values that the interval is to hold. */
  level: number;
}

export function aboutOf({ title, names, units, targets, horizon, step }: LiveSource): About {
  const described = targets.map((column) => ({ name: names[column]!, unit: units[column]!, column }));
  return { title, targets: described, horizon, step, level: LEVEL };
}
