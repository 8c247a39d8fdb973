import type { LiveSource } from './sources.ts';
import { LEVEL } from './training.ts';

/** What is forecast, in words and numbers that stay the same for a whole session, for display. */
export interface About {
  /** Where the samples come from. */
  title: string;
  /** The sensors that are forecast, and the index of each one's value in a sample. */
  targets: readonly { name: string; unit: string; column: number }[];
  /** Steps ahead. */
  horizon: number;
  /** The unit of a step and its size in that unit: 0.1 's', or 1 'rows'. */
  step: { size: number; unit: string };
  /** The share of true values that the interval should hold. */
  level: number;
}

export function aboutOf({ title, names, units, targets, horizon, step }: LiveSource): About {
  const described = targets.map((column) => ({ name: names[column]!, unit: units[column]!, column }));
  return { title, targets: described, horizon, step, level: LEVEL };
}
