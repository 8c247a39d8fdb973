import type { RulesReport } from './apply-rules.ts';
import { durationText } from './duration-text.ts';
import type { DuplicateRule } from './rules-options.ts';
import { timeText } from './time-text.ts';

/** Outlying times that are shown. */
const SHOWN = 3;

const KEPT: Readonly<Record<Exclude<DuplicateRule, 'refuse'>, string>> = {
  first: 'the first row of each step was kept',
  last: 'the last row of each step was kept',
  mean: 'the mean of each step was taken',
};

/** What the rules did to the rows of a series, or of several, as sentences; none for rows that came as they should. */
export function rulesWords(report: RulesReport, duplicates: DuplicateRule): string[] {
  const { series, rows, untimed, newestFirst, moved, outlying, tooLate, suspects, missing, segments, interval } =
    report;
  const words: string[] = [];
  if (newestFirst > 0) {
    const which = newestFirst === series ? 'The rows are' : `The rows of ${newestFirst} of ${series} series are`;
    words.push(`${which} newest first; they were read from the oldest on.`);
  }
  if (moved > 0) words.push(`${moved} of ${rows} rows came after a later one; they were put in time order.`);
  if (untimed > 0) words.push(`${rowsWere(untimed)} left out for lack of a time.`);
  if (outlying.length > 0) {
    const times = outlying.slice(0, SHOWN).map((time) => timeText(time));
    const more = outlying.length > SHOWN ? ', ...' : '';
    words.push(
      `${rowsWere(outlying.length)} left out because of times far from all others: ${times.join(', ')}${more}.`,
    );
  }
  if (report.duplicates > 0 && duplicates !== 'refuse') {
    const repeat = report.duplicates === 1 ? '1 row repeats' : `${report.duplicates} rows repeat`;
    words.push(`${repeat} the step of another; ${KEPT[duplicates]}.`);
  }
  if (tooLate > 0) words.push(`${rowsWere(tooLate)} left out because of a time before that of an earlier row.`);
  if (suspects > 0)
    words.push(`${rowsWere(suspects)} left out because of a time too far ahead to be believed at once.`);
  if (missing > 0) {
    const step = interval === null ? '' : ` of ${durationText(interval)}`;
    words.push(`${missing === 1 ? '1 step' : `${missing} steps`}${step} without a row: values are missing there.`);
  }
  if (segments > series)
    words.push(`Long gaps divide ${series === 1 ? 'the rows' : `${series} series`} into ${segments} segments.`);
  return words;
}

/** The report on several series as one; undefined for none. */
export function sumReports(reports: Iterable<RulesReport>): RulesReport | undefined {
  let sum: RulesReport | undefined;
  for (const next of reports) sum = sum ? added(sum, next) : next;
  return sum;
}

function added(one: RulesReport, other: RulesReport): RulesReport {
  return {
    series: one.series + other.series,
    rows: one.rows + other.rows,
    interval: one.interval === other.interval ? one.interval : null,
    untimed: one.untimed + other.untimed,
    newestFirst: one.newestFirst + other.newestFirst,
    moved: one.moved + other.moved,
    outlying: [...one.outlying, ...other.outlying],
    duplicates: one.duplicates + other.duplicates,
    tooLate: one.tooLate + other.tooLate,
    suspects: one.suspects + other.suspects,
    missing: one.missing + other.missing,
    segments: one.segments + other.segments,
  };
}

function rowsWere(count: number): string {
  return count === 1 ? '1 row was' : `${count} rows were`;
}
