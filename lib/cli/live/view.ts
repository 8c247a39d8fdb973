import { chart } from './chart.ts';
import { count, percent, short } from './numbers.ts';
import { fit, type Ink, paint } from './paint.ts';
import type { About } from '../../live/about.ts';
import type { Row } from '../../live/history.ts';
import type { Snapshot } from '../../live/snapshot.ts';
import { sparkline } from './sparkline.ts';

export interface Size {
  width: number;
  height: number;
}

/** Said of a model that repeats the last value: its forecasts are no failure of the drawing. */
export const untrainedRemark = 'nothing better than the last value learned yet';

/** Columns of the table that do not grow: all but name and sparkline. */
const fixedColumns = 50;
const chartAtLeast = 7;

/**
 * The whole screen as `height` lines of `width` columns: the state of things, the chart of one sensor, a row for each.
 */
export function frame(about: About, snapshot: Snapshot, selected: number, size: Size, colour: boolean): string[] {
  const { width, height } = size;
  const { targets } = about;
  const rows = Math.max(1, Math.min(targets.length, height - 5 - chartAtLeast));
  const first = Math.max(0, Math.min(selected - (rows >> 1), targets.length - rows));
  const head = [
    `${paint(' gatecast live', 'strong', colour)}  ${about.title}`,
    ` ${status(about, snapshot, colour)}`,
    ` ${paint(headline(about, snapshot, selected), 'strong', colour)}`,
  ];
  const table = [
    paint(tableHead(about, width), 'faint', colour),
    ...targets.slice(first, first + rows).map((_, i) => {
      return tableRow(about, snapshot, first + i, width, colour, first + i === selected ? '▸' : ' ');
    }),
  ];
  const keys = snapshot.untrained ? `${untrainedRemark}   q: end` : 'tab: next sensor   q: end';
  const foot = paint(` ${keys}${background(snapshot)}`, 'faint', colour);
  const room = { width: width - 1, height: Math.max(4, height - head.length - table.length - 1) };
  const picture = chart(chartData(about, snapshot, selected), room, colour);
  return [...head, ...picture, ...table, foot].slice(0, height).map((line) => fit(line, width));
}

/** One line on how far things have come, or, once live, on how good the forecasts are. */
export function status(about: About, snapshot: Snapshot, colour: boolean): string {
  const { phase, samples, collect, learning, score, microseconds } = snapshot;
  if (phase === 'collecting') {
    return `collecting samples ${bar(samples / collect, colour)} ${count(samples)} of ${count(collect)}`;
  }
  if (phase === 'training') {
    const { epoch = 0, epochs = 0 } = learning ?? {};
    const pass = epochs > 0 ? ` pass ${epoch} of ${epochs}` : '';
    return `learning from ${count(collect)} samples ${bar(epochs > 0 ? epoch / epochs : 0, colour)}${pass}`;
  }
  const { skill, coverage, moving, better } = score;
  return [
    `skill ${paint(percent(skill, { sign: true }), skillInk(skill), colour)} over repeat-last (${better} of ${moving})`,
    `${percent(about.level)} interval held ${percent(coverage)}`,
    `${microseconds?.toFixed(0) ?? '-'} µs a step`,
  ].join('  ');
}

/** The head of the table of sensors, as wide as its rows. */
export function tableHead(about: About, width: number): string {
  const ahead = `in ${span(about, about.horizon)}`;
  const [name, spark] = widths(about, width);
  return [
    ''.padEnd(name + 2),
    `last ${span(about, behind(about))}`.slice(0, spark).padEnd(spark),
    'now'.padStart(7),
    ahead.padStart(9),
    `${percent(about.level)} interval`.padStart(17),
    'skill'.padStart(7),
    'held'.padStart(6),
  ].join(' ');
}

/** One sensor: its last values, its value now and a horizon ahead, the interval there, its skill and coverage. */
export function tableRow(
  about: About,
  snapshot: Snapshot,
  index: number,
  width: number,
  colour: boolean,
  mark = ' ',
): string {
  const { name, unit, column } = about.targets[index]!;
  const { skill, coverage } = snapshot.score.sensors[index]!;
  const end = (index + 1) * about.horizon - 1;
  const { mean, lower, upper } = snapshot.forecast ?? { mean: [], lower: [], upper: [] };
  const [nameWidth, sparkWidth] = widths(about, width);
  const interval = snapshot.forecast ? `${short(lower[end]!)} to ${short(upper[end]!)}` : '-';
  return [
    `${mark}${fit(unit ? `${name} ${unit}` : name, nameWidth)} `,
    paint(sparkline(bins(snapshot.recent, column, behind(about), sparkWidth), sparkWidth), 'history', colour),
    short(snapshot.recent.at(-1)?.values[column] ?? Number.NaN).padStart(7),
    paint(short(mean[end] ?? Number.NaN).padStart(9), 'forecast', colour),
    interval.padStart(17),
    paint(percent(skill, { sign: true }).padStart(7), skillInk(skill), colour),
    percent(coverage).padStart(6),
  ].join(' ');
}

/** Green and red only for what is more than nothing once it is rounded. */
function skillInk(skill = 0): Ink {
  const whole = Math.round(100 * skill);
  return whole === 0 ? 'none' : whole > 0 ? 'good' : 'bad';
}

function headline(about: About, { recent, forecast }: Snapshot, selected: number): string {
  const { name, unit, column } = about.targets[selected]!;
  const now = `${name}: ${short(recent.at(-1)?.values[column] ?? Number.NaN)} ${unit}`.trimEnd();
  if (!forecast) return now;
  const end = (selected + 1) * about.horizon - 1;
  const [mean, lower, upper] = [forecast.mean, forecast.lower, forecast.upper].map((values) => short(values[end]!));
  return `${now} now, ${mean} in ${span(about, about.horizon)} (${percent(about.level)}: ${lower} to ${upper})`;
}

/** How many samples have come, and those of them that their times left out. */
export function taken({ samples, leftOut }: Snapshot): string {
  return `${count(samples)} samples${leftOut > 0 ? ` (${count(leftOut)} left out)` : ''}`;
}

function background(snapshot: Snapshot): string {
  const { phase, learning, refits, trouble } = snapshot;
  if (phase !== 'live') return '';
  const done = `   ${taken(snapshot)}, ${refits} refit${refits === 1 ? '' : 's'}`;
  if (trouble) return `${done}; the last one failed: ${trouble}`;
  if (!learning) return done;
  return `${done}, learning again${learning.epochs > 0 ? `: ${learning.epoch} of ${learning.epochs}` : ''}`;
}

function chartData(about: About, { recent, forecast }: Snapshot, selected: number) {
  const { column } = about.targets[selected]!;
  const steps = behind(about);
  const rows = recent.slice(-steps);
  const part = (values: ArrayLike<number>) =>
    Array.from({ length: about.horizon }, (_, h) => values[selected * about.horizon + h]!);
  return {
    history: rows.map(({ values }) => values[column]!),
    past: {
      lower: rows.map(({ expected }) => expected?.lower[selected] ?? Number.NaN),
      upper: rows.map(({ expected }) => expected?.upper[selected] ?? Number.NaN),
    },
    ...(forecast && {
      forecast: { mean: part(forecast.mean), lower: part(forecast.lower), upper: part(forecast.upper) },
    }),
    behind: steps,
    ahead: about.horizon,
    labels: [`-${span(about, steps)}`, 'now', `+${span(about, about.horizon)}`] as [string, string, string],
  };
}

/** Steps of history shown: the chart is three parts past and one part future. */
function behind({ horizon }: About): number {
  return 3 * horizon;
}

function span({ step }: About, steps: number): string {
  return `${Number((steps * step.size).toPrecision(3))} ${step.unit}`;
}

function widths({ targets }: About, width: number): [name: number, spark: number] {
  const name = Math.min(16, Math.max(...targets.map(({ name, unit }) => name.length + (unit ? unit.length + 1 : 0))));
  return [name, Math.max(4, Math.min(48, width - name - fixedColumns - 7))];
}

/** The last `steps` values of a column as `width` means. */
function bins(recent: readonly Row[], column: number, steps: number, width: number): number[] {
  return Array.from({ length: width }, (_, bin) => {
    const from = recent.length - steps + Math.floor((bin * steps) / width);
    const to = Math.max(from + 1, recent.length - steps + Math.floor(((bin + 1) * steps) / width));
    const values = recent.slice(Math.max(0, from), Math.max(0, to)).map(({ values }) => values[column]!);
    const known = values.filter(Number.isFinite);
    return known.reduce((sum, value) => sum + value, 0) / known.length;
  });
}

function bar(share: number, colour: boolean, width = 20): string {
  const full = Math.round(Math.max(0, Math.min(1, share)) * width);
  return paint('█'.repeat(full), 'history', colour) + paint('░'.repeat(width - full), 'faint', colour);
}
