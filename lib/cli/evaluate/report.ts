import { printable } from '../../base/errors.ts';
import type { ErrorScore, Measures, SeriesScore } from '../../batch/score.ts';
import type { Simple } from './simple.ts';

const NAMES = 22;
const COLUMN = 12;
/** Most steps and most targets that are shown. */
const STEPS = 6;
const TARGETS = 20;

/** A measure of a table: its name, and its value. */
type Column = readonly [name: string, valueOf: (measures: Measures) => number | undefined];

const COLUMNS: readonly Column[] = [
  ['MAE', ({ mae }) => mae],
  ['RMSE', ({ rmse }) => rmse],
  ['sMAPE', ({ smape }) => smape],
  ['MASE', ({ mase }) => mase],
  ['RMSSE', ({ rmsse }) => rmsse],
  ['CRPS', ({ quantiles }) => quantiles?.crps],
  ['WQL', ({ quantiles }) => quantiles?.wql],
  ['MSIS', ({ interval }) => interval?.msis],
];

/** The score of a model on a file, as lines. */
export function describeScore(model: string, file: string, score: SeriesScore, simple: readonly Simple[]): string {
  const { windows, steps, series, season, leftOut } = score;
  const where = series.size > 1 ? `${series.size} series of ${file}` : file;
  const sections = [
    [`${model} on ${where}: ${windows} windows of ${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`],
    leftOut.missing > 0 ? [`${leftOut.missing} windows are left out because a true value is missing`] : [],
    ['', ...besideSimple(score, simple)],
    [
      '',
      ...byTarget(score),
      `MASE, RMSSE and MSIS are in units of the change over ${season === 1 ? 'a row' : `${season} rows`}.`,
    ],
    steps.length > 1 ? ['', ...byStep(steps)] : [],
    score.quantiles ? ['', ...coverage(score)] : [],
  ];
  return sections
    .flat()
    .map((text) => `${printable(text).trimEnd()}\n`)
    .join('');
}

/** The model beside the simple forecasts. */
function besideSimple(score: SeriesScore, simple: readonly Simple[]): string[] {
  const errors = ({ mse, mae, scaled }: ErrorScore) => [scaled.mse, scaled.mae, mse, mae].map(numeral);
  return [
    line('', ['MSE scaled', 'MAE scaled', 'MSE', 'MAE']),
    line('this model', errors(score)),
    ...simple.map((each) => line(each.name, errors(each))),
    ...simple.flatMap(
      ({ name, test }) => test?.text ?? `There are too few windows to tell this model from the ${name}.`,
    ),
  ];
}

function byTarget(score: SeriesScore): string[] {
  const columns = COLUMNS.filter(([, valueOf]) => valueOf(score) !== undefined);
  const row = (name: string, measures: Measures) =>
    line(
      name,
      columns.map(([, valueOf]) => numeral(valueOf(measures)!)),
    );
  const targets = Object.entries(score.targets);
  const shown = targets.slice(0, TARGETS).map(([name, measures]) => row(name, measures));
  const more = targets.length > TARGETS ? [`and ${targets.length - TARGETS} more targets, with --json`] : [];
  const all = targets.length > 1 ? [row('all targets', score)] : [];
  return [
    line(
      '',
      columns.map(([name]) => name),
    ),
    ...shown,
    ...more,
    ...all,
  ];
}

/** The errors of some steps ahead, over all targets. */
function byStep(steps: readonly Measures[]): string[] {
  const last = steps.length - 1;
  const count = Math.min(STEPS, steps.length);
  const shown = [...new Set(Array.from({ length: count }, (_, i) => Math.round((i * last) / (count - 1))))];
  const rows = COLUMNS.filter(([name, valueOf]) => name !== 'WQL' && valueOf(steps[0]!) !== undefined);
  const held = steps[0]!.interval;
  return [
    line(
      'steps ahead',
      shown.map((step) => String(step + 1)),
    ),
    ...rows.map(([name, valueOf]) =>
      line(
        name,
        shown.map((step) => numeral(valueOf(steps[step]!)!)),
      ),
    ),
    ...(held
      ? [
          line(
            `within ${percent(held.level)}`,
            shown.map((step) => percent(steps[step]!.interval!.held)),
          ),
        ]
      : []),
  ];
}

/** How often the true value was at or below each quantile, and within the widest interval. */
function coverage({ coverage, interval }: Measures): string[] {
  const levels = Object.entries(coverage).sort(([a], [b]) => Number(a) - Number(b));
  const chosen = levels.length > 9 ? levels.filter((_, i) => i % Math.ceil(levels.length / 9) === 0) : levels;
  return [
    line(
      'quantile',
      chosen.map(([level]) => percent(Number(level))),
    ),
    line(
      'held',
      chosen.map(([, held]) => percent(held)),
    ),
    ...(interval ? [`The ${percent(interval.level)} interval held ${percent(interval.held)} of the values.`] : []),
  ];
}

function line(name: string, cells: readonly string[]): string {
  const text = name.length > NAMES - 1 ? `${name.slice(0, NAMES - 4)}...` : name;
  return text.padEnd(NAMES) + cells.map((cell) => cell.padStart(COLUMN)).join('');
}

function numeral(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(4) : '-';
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))}%`;
}
