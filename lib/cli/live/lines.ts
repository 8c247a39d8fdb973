import type { About } from '../../live/about.ts';
import type { Snapshot } from '../../live/snapshot.ts';
import { status, tableHead, tableRow, taken, untrainedRemark } from './view.ts';

/** Columns of plain lines. */
const width = 100;

/**
 * What is printed of a snapshot where there is no terminal to draw on: the state of things and, once live, the table.
 */
export function plainLines(about: About, snapshot: Snapshot): string[] {
  const { phase, refits, learning, untrained } = snapshot;
  const first = status(about, snapshot, false);
  if (phase !== 'live') return [first];
  const refitting = learning ? ', learning again' : '';
  const remark = untrained ? [untrainedRemark] : [];
  const rows = about.targets.map((_, index) => tableRow(about, snapshot, index, width, false));
  return [
    '',
    `${first}  ${taken(snapshot)}  ${refits} refits${refitting}`,
    ...remark,
    tableHead(about, width),
    ...rows,
  ];
}

/**
 * A forecast as one line of JSON, as `gatecast stream` writes it: by target, arrays over the steps ahead. Beside it the
 * values of the sample it was made at, and the score so far.
 */
export function jsonLine(about: About, snapshot: Snapshot): string {
  const { recent, forecast, score, samples, leftOut, refits, microseconds } = snapshot;
  const { at, values } = recent.at(-1)!;
  const { skill, coverage } = score;
  const byTarget = <T>(pick: (index: number, column: number) => T) =>
    Object.fromEntries(about.targets.map(({ name, column }, index) => [name, pick(index, column)]));
  const steps = (all: ArrayLike<number>, target: number) =>
    Array.from({ length: about.horizon }, (_, h) => significant(all[target * about.horizon + h]));
  return JSON.stringify({
    ...(at !== undefined && { at }),
    now: byTarget((_, column) => values[column]),
    ...(forecast && {
      mean: byTarget((index) => steps(forecast.mean, index)),
      intervals: {
        [Math.round(100 * about.level)]: byTarget((index) => ({
          lower: steps(forecast.lower, index),
          upper: steps(forecast.upper, index),
        })),
      },
    }),
    samples,
    ...(leftOut > 0 && { leftOut }),
    refits,
    ...(snapshot.untrained && { remark: untrainedRemark }),
    microseconds: significant(microseconds),
    skill: significant(skill),
    coverage: significant(coverage),
  });
}

/** Six digits: more would be noise of the float32 network. */
function significant(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Number(value.toPrecision(6));
}
