import { printable } from '../../base/errors.ts';
import type { BaselineComparison } from '../../batch/compare-with-baselines.ts';
import type { ErrorScore, Measures, SeriesScore } from '../../batch/score.ts';
import type { Simple } from './simple.ts';

const ERRORS = ['MSE scaled', 'MAE scaled', 'MSE', 'MAE'];
const NAMES = 22;
const COLUMN = 12;
/** Most steps, targets, series and quantiles that are shown. */
const STEPS = 6;
const TARGETS = 20;
const SERIES = 10;
const QUANTILES = 9;

/** A measure of a table: its name, and its value, which some models do not have. */
type Column = readonly [name: string, valueOf: (measures: Measures) => number | undefined];

const COLUMNS: readonly Column[] = [
  ['MAE', ({ mae }) => mae],
  ['RMSE', ({ rmse }) => rmse],
  ['sMAPE', ({ smape }) => smape],
  ['MASE', ({ mase }) => mase],
  ['RMSSE', ({ rmsse }) => rmsse],
  ['CRPS', ({ crps, quantiles }) => crps ?? quantiles?.crps],
  ['WQL', ({ quantiles }) => quantiles?.wql],
  ['MSIS', ({ interval }) => interval?.msis],
];

/** The score of a model on a file, as lines. */
export function describeScore(
  model: string,
  file: string,
  score: SeriesScore,
  simple: readonly Simple[],
  fitted: BaselineComparison | undefined,
): string {
  const { windows, steps, series, season, leftOut } = score;
  const where = series.size > 1 ? `${series.size} series of ${file}` : file;
  const columns = COLUMNS.filter(([, valueOf]) => valueOf(score) !== undefined);
  const sections = [
    [`${model} on ${where}: ${windows} windows of ${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`],
    leftOut.missing > 0 ? [`${leftOut.missing} windows are left out because a true value is missing`] : [],
    ['', ...besideSimple(score, simple)],
    fitted ? ['', ...besideFitted(fitted)] : [],
    ['', ...byTarget(score, columns)],
    [`MASE, RMSSE and MSIS are in units of the change over ${seasonText(season)}.`],
    crpsOf(score),
    series.size > 1 ? ['', ...bySeries(score, columns)] : [],
    steps.length > 1 ? ['', ...byStep(steps, columns)] : [],
    score.quantiles ? ['', ...byQuantile(score)] : [],
  ];
  const lines = sections.flat().map((text) => `${printable(text).trimEnd()}\n`);
  return lines.join('');
}

function seasonText(season: number): string {
  return season === 1 ? 'a row' : `${season} rows, or over a row where there are not more rows before the forecasts`;
}

/** What the CRPS is taken from, and what the paths say of whole courses. */
function crpsOf({ crps, quantiles, courses }: SeriesScore): string[] {
  if (crps === null) return quantiles ? ['CRPS is taken from the quantiles, so it is rough if they are few.'] : [];
  const whole = 'CRPS scores the whole distribution.';
  if (!courses) return [whole];
  const { paths, energy, sum } = courses;
  return [
    `${whole} Of the course of a whole horizon, by ${paths} paths, the energy score is ${numeral(energy)}, and the CRPS of its sum ${numeral(sum)}.`,
  ];
}

/** The model beside the forecasts that are fitted to nothing. */
function besideSimple(score: SeriesScore, simple: readonly Simple[]): string[] {
  return [
    line('', ERRORS, String),
    errors('this model', score),
    ...simple.map((each) => {
      const fewer = each.windows < score.windows ? ` on ${each.windows} windows` : '';
      return errors(each.name, each) + fewer;
    }),
    ...simple.map(({ name, test }) => test?.text ?? `Too few windows to tell this model from the ${name}.`),
  ];
}

/** The model beside all baselines, the best first. */
function besideFitted({ windows, model, baselines, verdict, noise, leftOut }: BaselineComparison): string[] {
  return [
    line(`on ${windows} windows`, ERRORS, String),
    errors('this model', model),
    ...Object.entries(baselines).map(([name, score]) => errors(name, score)),
    noise ? `${verdict} ${noise.text}` : verdict,
    ...leftOut,
  ];
}

function errors(name: string, { scaled, mse, mae }: ErrorScore): string {
  return line(name, [scaled.mse, scaled.mae, mse, mae], numeral);
}

function byTarget(score: SeriesScore, columns: readonly Column[]): string[] {
  const targets = Object.entries(score.targets);
  const shown = targets.slice(0, TARGETS).map(([name, measures]) => measured(name, measures, columns));
  const more = targets.length > TARGETS ? [`and ${targets.length - TARGETS} more targets, with --json`] : [];
  const all = targets.length > 1 ? [measured('all targets', score, columns)] : [];
  return [titles('', columns), ...shown, ...more, ...all];
}

/** The series that are forecast worst; those without a MASE come last. */
function bySeries(score: SeriesScore, columns: readonly Column[]): string[] {
  const order = ({ mase }: Measures) => (Number.isNaN(mase) ? -1 : mase);
  const worst = [...score.series].sort(([, a], [, b]) => order(b) - order(a)).slice(0, SERIES);
  const heading = score.series.size > SERIES ? `the ${SERIES} worst series` : 'by series';
  return [titles(heading, columns), ...worst.map(([key, measures]) => measured(key, measures, columns))];
}

/** The errors of some steps ahead, over all targets. */
function byStep(steps: readonly Measures[], columns: readonly Column[]): string[] {
  const most = Math.min(STEPS, steps.length);
  const shown = Array.from({ length: most }, (_, i) => Math.round((i * (steps.length - 1)) / (most - 1)));
  const level = steps[0]!.interval?.level;
  return [
    line('steps ahead', shown, (step) => String(step + 1)),
    ...columns.map(([name, valueOf]) => line(name, shown, (step) => numeral(valueOf(steps[step]!)!))),
    ...(level ? [line(`within ${percent(level)}`, shown, (step) => percent(steps[step]!.interval!.held))] : []),
  ];
}

/** How often the true value was at or below each quantile, and within the widest interval. */
function byQuantile({ coverage, interval }: Measures): string[] {
  const levels = Object.entries(coverage).sort(([a], [b]) => Number(a) - Number(b));
  const every = Math.ceil(levels.length / QUANTILES);
  const shown = levels.filter((_, i) => i % every === 0);
  const sentence = (level: number, held: number) =>
    `The ${percent(level)} interval held ${percent(held)} of the values.`;
  return [
    line('quantile', shown, ([level]) => percent(Number(level))),
    line('held', shown, ([, held]) => percent(held)),
    ...(interval ? [sentence(interval.level, interval.held)] : []),
  ];
}

function titles(heading: string, columns: readonly Column[]): string {
  return line(heading, columns, ([name]) => name);
}

function measured(name: string, measures: Measures, columns: readonly Column[]): string {
  return line(name, columns, ([, valueOf]) => numeral(valueOf(measures)!));
}

function line<T>(name: string, items: readonly T[], textOf: (item: T) => string): string {
  const short = name.length < NAMES ? name : `${name.slice(0, NAMES - 4)}...`;
  return short.padEnd(NAMES) + items.map((item) => textOf(item).padStart(COLUMN)).join('');
}

function numeral(value: number): string {
  return Number.isFinite(value) ? value.toPrecision(4) : '-';
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(1))}%`;
}
