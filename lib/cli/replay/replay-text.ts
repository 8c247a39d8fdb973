import type { Comparison, Difference } from '../../stream/replay/comparison.ts';
import type { Disturbance } from '../../stream/replay/disturbance.ts';
import type { BuildChange } from '../../recording/recording-header.ts';
import type { ReplayReport } from '../../stream/replay/replay.ts';
import { summaryOf } from '../stream/left-out.ts';

const NOTHING = '  there was nothing to compare, so this proves nothing; use --no-compare if that is intended';

/** The result of a replay, as lines for people. */
export function describeReplay(file: string, report: ReplayReport): string {
  const { samples, forecasts, corrections, skipped, comparison, disturbance, failure } = report;
  const lines: string[] = [];
  const what = `${count(samples, 'sample')}, ${count(forecasts, 'forecast')}`;
  const corrected = corrections > 0 ? `, of them ${count(corrections, 'correction')}` : '';
  lines.push(`${file}: ${what}${corrected}${equality(comparison)}${endOf(report.ending, report.lost)}`);
  const left = summaryOf(skipped);
  if (left !== '') lines.push(`  left out: ${left}`);
  if (report.nothingCompared) lines.push(NOTHING);
  if (comparison?.first) lines.push(...describeDifference(comparison.first, comparison, report));
  if (failure) lines.push(`  ended by sample ${failure.sample}: ${failure.message}`);
  if (disturbance) lines.push(...describeDisturbance(disturbance));
  return lines.map((line) => `${line}\n`).join('');
}

function equality(comparison: Comparison | undefined): string {
  if (comparison === undefined || comparison.different > 0) return '';
  return comparison.compared > 0 ? `, all ${comparison.compared} compared equal to the bit` : ', none compared';
}

/** How a recording ended; empty if it ended normally. */
export function endOf(ending: ReplayReport['ending'], lost = 0): string {
  const missing = lost > 0 ? `; ${lost} records are missing in it, and nothing after them is compared` : '';
  switch (ending) {
    case 'torn':
      return `; torn: replayed up to there${missing}`;
    case 'unfinished':
      return `; unfinished: replayed as far as it goes${missing}`;
    case 'stopped':
      return `; interrupted there${missing}`;
    default:
      return missing;
  }
}

function describeDifference(
  first: Difference,
  { different, compared }: Comparison,
  { changed }: ReplayReport,
): string[] {
  const { number, key, at, recorded, computed, differing } = first;
  const time = at === undefined ? '' : `, at ${timeText(at)}`;
  const stream = key === undefined ? '' : `, of ${JSON.stringify(key)}`;
  const many = differing > 0 ? `; ${count(differing, 'number')} of it differ${differing === 1 ? 's' : ''}` : '';
  const lines = [
    `  first difference: forecast ${number}${stream}${time}: ${placeOf(first)}`,
    `  recorded ${String(recorded)}, computed ${String(computed)}${many}`,
    `  ${different} of ${compared} forecasts differ`,
  ];
  const model = changed.find(({ name, recorded }) => name === 'model' && recorded !== null);
  if (model) lines.push(`  another model: ${describeChange(model)}`);
  const build = changed.filter(({ name }) => name !== 'model');
  if (build.length > 0) {
    lines.push(`  another build, so bits may legitimately differ: ${build.map(describeChange).join('; ')}`);
  }
  return lines;
}

/** Describes one difference from where the recording was made. */
export function describeChange({ name, recorded, here }: BuildChange): string {
  return `${name} ${String(recorded).slice(0, 12)}, here ${String(here).slice(0, 12)}`;
}

function placeOf({ what, target, step, level, parameter }: Difference): string {
  if (what !== 'number') return what;
  const moved = level === undefined ? 'mean' : `quantile ${level}`;
  const which = parameter === undefined ? moved : `parameter ${parameter}`;
  return `${which} of ${target}, step ${step}`;
}

function describeDisturbance(disturbance: Disturbance): string[] {
  const { faults, overtaken, compared, missing, corrections, flags, errors } = disturbance;
  const rows: [string, string][] = [
    ['injected', listOf(faults)],
    ['overtaken', count(overtaken, 'sample')],
    ['missing', count(missing, 'forecast')],
    ['corrected', count(corrections, 'forecast')],
    ['flags', listOf(flags)],
  ];
  const lines = rows.map(([name, value]) => `  ${name.padEnd(11)}${value}`);
  for (const [target, { mean, max }] of Object.entries(errors)) {
    const away =
      compared > 0 ? `${mean.toPrecision(4)} off on average, ${max.toPrecision(4)} at most` : 'none to compare';
    lines.push(`  ${'changed'.padEnd(11)}${target}: ${away}, in ${count(compared, 'forecast')}`);
  }
  return lines;
}

/** The counts that are not 0, by name. */
export function listOf(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, number]) => number > 0);
  return some.map(([name, number]) => `${name} ${number}`).join(', ') || 'none';
}

export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function timeText(at: number): string {
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : String(at);
}
