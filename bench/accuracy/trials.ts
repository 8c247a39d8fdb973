import type { Trial } from './trial.ts';
import { activity } from './trials/activity.ts';
import { baselinesTrial } from './trials/baselines.ts';
import { checkValues } from './trials/check-values.ts';
import { compareTrial } from './trials/compare.ts';
import { emps } from './trials/emps.ts';
import { ett } from './trials/ett.ts';
import { halfHours } from './trials/half-hours.ts';
import { holes } from './trials/holes.ts';
import { m4 } from './trials/m4.ts';
import { paths } from './trials/paths.ts';
import { pm25 } from './trials/pm25.ts';

/** All trials, in the order in which they run. */
export const trials: readonly Trial[] = [
  checkValues,
  emps,
  activity,
  holes,
  halfHours,
  pm25,
  baselinesTrial,
  compareTrial,
  ett,
  m4,
  paths,
];
