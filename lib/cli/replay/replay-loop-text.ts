import type { Verdict } from '../../control/replay/assertions.ts';
import type { CycleDifference } from '../../control/replay/cycle-comparison.ts';
import type { LoopReport } from '../../control/replay/loop-report.ts';
import { count, describeChange, endOf, listOf } from './replay-text.ts';

/** The result of a replay or a simulation of a loop, as lines for people. */
export function describeLoopReport(file: string, report: LoopReport): string {
  const { cycles, seconds, loop, comparison, faults, verdicts, failure } = report;
  const what = `${count(cycles, 'cycle')} in ${seconds} s at ${loop.hz} Hz`;
  const equal =
    comparison && comparison.different === 0 ? `, all ${comparison.compared} equal to those recorded, to the bit` : '';
  const lines = [`${file}: ${what}${equal}${endOf(report.ending)}`];
  if (comparison?.first) lines.push(...describeDifference(comparison.first, report));
  const { model, ...others } = report.sources;
  const rows: [string, string][] = [['model', `${model} of ${cycles} actions`]];
  if (model < cycles) rows.push(['others', `${listOf(others)}; ${listOf(report.reasons)}`]);
  rows.push(['misses', `${report.missed} not run, ${report.late} late`]);
  if (Object.keys(report.flags).length > 0) rows.push(['flags', listOf(report.flags)]);
  if (report.degraded > 0) rows.push(['degraded', count(report.degraded, 'time')]);
  if (faults) rows.push(['injected', listOf(faults)]);
  if (failure) rows.push(['failed', `in cycle ${failure.seq}: ${failure.message}`]);
  lines.push(...rows.map(row), ...verdicts.map(describeVerdict));
  return lines.map((line) => `${line}\n`).join('');
}

function describeVerdict({ assertion, holds, checked, broken, first }: Verdict): string {
  if (checked === 0) return row([holds ? 'holds' : 'BROKEN', `${assertion}: there was nothing to check`]);
  const share = `${broken} of ${checked} (${((100 * broken) / checked).toFixed(2)} %)`;
  if (holds) return row(['holds', `${assertion}: ${share}`]);
  return row([
    'BROKEN',
    `${assertion}: ${share}, first in cycle ${first!.seq} (${first!.seconds.toFixed(3)} s): ${first!.what}`,
  ]);
}

function describeDifference(first: CycleDifference, { comparison, changed, loop }: LoopReport): string[] {
  const { seq, seconds, what, value, recorded, computed } = first;
  const place = value === undefined ? what : loop.actionNames[value];
  const lines = [
    `  first difference: cycle ${seq} (${seconds.toFixed(3)} s): ${place}`,
    `  recorded ${String(recorded)}, computed ${String(computed)}`,
    `  ${comparison!.different} of ${comparison!.compared} cycles differ`,
  ];
  if (changed.length > 0)
    lines.push(`  another build, so bits may legitimately differ: ${changed.map(describeChange).join('; ')}`);
  return lines;
}

function row([name, value]: [string, string]): string {
  return `  ${name.padEnd(11)}${value}`;
}
