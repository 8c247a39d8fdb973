// What calendar inputs are worth: half a year of half-hours with the rhythm of days and weeks, made here.
import { baselines, evaluate, fit, type Table, type TrainOptions } from 'gatecast';
import { createRandom } from '../../../lib/base/random.ts';
import { timed, type Outcome, type Task, type Trial } from '../trial.ts';

const DAY = 48; // rows
const WEEK = 7 * DAY;
const ROWS = 26 * WEEK;
const HORIZON = DAY;
/** The last 15 % are forecast; nothing is learned from them. */
const TEST = Math.floor(0.85 * ROWS);
const FIRST = Date.UTC(2026, 0, 5); // a Monday
const HALF_HOUR = 1_800_000;

export const halfHours: Trial = {
  name: 'half-hours',
  about: `one series of ${ROWS} half-hours with days and weeks, ${HORIZON} steps ahead: mean absolute error`,
  needs: [],
  run,
};

async function* run({ quick }: Task): AsyncIterable<Outcome> {
  const table = demand();
  const learned: [method: string, options: Partial<TrainOptions>][] = [
    ['train alone', {}],
    ["cycle 'auto'", { cycle: 'auto' }],
    ['with levelShift 3', { levelShift: 3 }],
    ["calendar 'none'", { calendar: 'none' }],
    ['sines and cosines by hand', { calendar: 'none', inputs: byHand.map(([name]) => name) }],
  ];
  const known = {
    ...table,
    columns: table.columns.map((column) => column.subarray(0, TEST)),
    at: table.at.subarray(0, TEST),
  };
  for (const [method, options] of learned) {
    for (const seed of quick ? [1] : [1, 2, 3]) {
      const settings = { targets: 'demand', horizon: HORIZON, seed, ...options, ...(quick && { epochs: 1 }) };
      const { value: model, seconds } = await timed(() => fit(known, settings));
      const { mae } = evaluate(model, table, { from: TEST });
      model.dispose();
      yield { method, errors: { MAE: mae }, settings, seed, seconds };
    }
  }
  for (const [method, steps] of [
    ['yesterday', DAY],
    ["last week's value", WEEK],
  ] as const) {
    const model = baselines.seasonal(steps, { inputs: ['demand'], horizon: HORIZON, interval: HALF_HOUR });
    const { value, seconds } = await timed(() => evaluate(model, table, { from: TEST }));
    yield { method, errors: { MAE: value.mae }, seconds };
  }
}

/** Columns that tell the phase of the day, with two harmonics, and of the week. */
const byHand: readonly [name: string, (row: number) => number][] = [
  ['day sin', (row) => Math.sin((2 * Math.PI * row) / DAY)],
  ['day cos', (row) => Math.cos((2 * Math.PI * row) / DAY)],
  ['half day sin', (row) => Math.sin((4 * Math.PI * row) / DAY)],
  ['half day cos', (row) => Math.cos((4 * Math.PI * row) / DAY)],
  ['week sin', (row) => Math.sin((2 * Math.PI * row) / WEEK)],
  ['week cos', (row) => Math.cos((2 * Math.PI * row) / WEEK)],
];

/**
 * A demand between about 0 and 2: on workdays a peak in the morning and a higher one in the evening, at weekends one
 * flat peak, and noise with a deviation of 0.08, a quarter of which stays from one half-hour to the next.
 */
function demand(): Required<Pick<Table, 'names' | 'columns' | 'at'>> {
  const random = createRandom(13);
  const noise = () => random() + random() + random() + random() - 2; // deviation 0.58
  let slow = 0;
  const values = Float64Array.from({ length: ROWS }, (_, row) => {
    const hour = (row % DAY) / 2;
    const weekend = Math.floor(row / DAY) % 7 >= 5;
    const peak = (at: number, width: number) => Math.exp(-(((hour - at) / width) ** 2));
    const shape = weekend ? 0.6 * peak(14, 5) : 0.9 * peak(8, 2) + 1.2 * peak(18.5, 3);
    slow = 0.25 * slow + 0.13 * noise();
    return 0.4 + shape + slow;
  });
  return {
    names: ['demand', ...byHand.map(([name]) => name)],
    columns: [values, ...byHand.map(([, of]) => Float64Array.from({ length: ROWS }, (_, row) => of(row)))],
    at: Float64Array.from({ length: ROWS }, (_, row) => FIRST + row * HALF_HOUR),
  };
}
