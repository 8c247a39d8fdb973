import type { ForecastPictures } from '../batch/pictures.ts';
import type { Measures, Score } from '../batch/score.ts';
import type { Chart, Mark } from './chart.ts';
import type { Section } from './page.ts';

/** Most steps ahead in the table. */
const STEPS = 12;
const BARS = 31;

/** What any model's report shows of its forecasts: some of them, errors by horizon, residuals and coverage. */
export function forecastSections(name: string, score: Score, pictures: ForecastPictures): Section[] {
  return [fanSection(pictures), horizonSection([[name, score.steps]]), residualSection(pictures), ...coverage(score)];
}

/** Forecasts beside what came. */
export function fanSection({ target, unit, fans }: ForecastPictures): Section {
  const charts = fans.map(({ row, history, mean, quantiles, truth }): Chart => {
    const ahead = (values: readonly number[]) => values.map((value, h) => [row + 1 + h, value] as const);
    const bands = Array.from({ length: Math.floor(quantiles.length / 2) }, (_, i): Mark => {
      const [[low, lower], [high, upper]] = [quantiles[i]!, quantiles.at(-1 - i)!];
      const level = `${Math.round(100 * (high - low))}% interval`;
      return { kind: 'band', colour: 0, name: level, points: ahead(lower), upper };
    });
    const seen = history.map((value, i) => [row + 1 - history.length + i, value] as const);
    return {
      title: `${target} from row ${row}`,
      x: 'row',
      y: withUnit(target, unit),
      marks: [
        ...bands,
        { kind: 'line', colour: 4, name: 'what came', points: [...seen, ...ahead(truth)] },
        { kind: mean.length === 1 ? 'dots' : 'line', colour: 0, name: 'forecast', points: ahead(mean) },
      ],
    };
  });
  return { heading: 'Forecasts', text: ['Evenly spread over the rows that were forecast, not chosen.'], charts };
}

/** The errors of models by name, for each step ahead. */
export function horizonSection(models: readonly (readonly [name: string, steps: readonly Measures[]])[]): Section {
  const most = models[0]![1].length;
  const count = Math.min(STEPS, most);
  const shown = Array.from({ length: count }, (_, i) => Math.round((i * (most - 1)) / Math.max(1, count - 1)));
  const naive = models[0]![1].map(({ naive: { scaled } }) => scaled.mse);
  const lines = models.map(([name, steps]) => [name, steps.map(({ scaled }) => scaled.mse)] as const);
  const all = [...lines, ['last value', naive] as const];
  const marks = all.map(([name, errors], i): Mark => {
    const colour = i === lines.length ? 4 : i;
    const kind = most === 1 ? 'dots' : i === lines.length ? 'dashed' : 'line';
    return { kind, colour, name, points: errors.map((error, h) => [h + 1, error] as const) };
  });
  const title = 'Mean squared error on scaled values by steps ahead';
  return {
    heading: 'Error by horizon',
    charts: [{ title, x: 'steps ahead', y: 'error', marks, fromZero: true }],
    grid: {
      columns: ['steps ahead', ...shown.map((step) => String(step + 1))],
      rows: all.map(([name, errors]) => [name, ...shown.map((step) => errors[step]!.toPrecision(3))]),
    },
  };
}

/** The values less their forecasts, over time and how often which. */
export function residualSection({ target, unit, residuals }: ForecastPictures): Section {
  const residual = withUnit(`residual of ${target}`, unit);
  const over = (title: string, of: (each: ForecastPictures['residuals'][number]) => number): Chart[] => {
    const values = residuals.map((each) => [each.row, of(each)] as const);
    const marks: Mark[] = [{ kind: 'dots', colour: 0, points: values }];
    const bars: Mark[] = [{ kind: 'bars', colour: 0, points: histogram(values.map(([, value]) => value)) }];
    return [
      { title, x: 'row', y: residual, marks },
      { title: `${title}: how often`, x: residual, y: 'forecasts', marks: bars },
    ];
  };
  return {
    heading: 'Residuals',
    text: ['The value that came less its forecast. Good residuals have no trend, no rhythm and a mean near 0.'],
    charts: [...over('One step ahead', ({ first }) => first), ...over('The last step ahead', ({ last }) => last)],
  };
}

function withUnit(name: string, unit: string | undefined): string {
  return unit === undefined ? name : `${name} [${unit}]`;
}

function histogram(values: readonly number[]): (readonly [number, number])[] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [];
  const widest = finite.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const width = (2 * widest) / BARS;
  const counts = new Array<number>(BARS).fill(0);
  for (const value of finite) counts[Math.min(BARS - 1, Math.floor((value + widest) / width))]! += 1;
  return counts.map((count, i) => [(i + 0.5) * width - widest, count] as const);
}

/** How often values were at or below each quantile; nothing for a model without quantiles. */
export function coverage({ coverage: held, interval }: Score): Section[] {
  const levels = Object.entries(held)
    .map(([level, share]) => [Number(level), share] as const)
    .sort(([a], [b]) => a - b);
  if (levels.length === 0) return [];
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
  const text = interval
    ? [`The ${percent(interval.level)} interval held ${percent(interval.held)} of the values.`]
    : [];
  const marks: Mark[] = [
    {
      kind: 'dashed',
      colour: 4,
      name: 'ideal',
      points: [
        [0, 0],
        [1, 1],
      ],
    },
    { kind: 'line', colour: 0, name: 'held', points: levels },
    { kind: 'dots', colour: 0, points: levels },
  ];
  return [
    {
      heading: 'Coverage',
      text,
      charts: [
        { title: 'Share of values at or below each quantile', x: 'quantile', y: 'share', marks, fromZero: true },
      ],
      grid: {
        columns: ['quantile', ...levels.map(([level]) => percent(level))],
        rows: [['held', ...levels.map(([, share]) => percent(share))]],
      },
    },
  ];
}
