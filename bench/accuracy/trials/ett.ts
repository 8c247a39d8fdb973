// A model of segments, the default model, a recurrent model and two linear forecasts by the usual protocol of the ETT files: all channels, errors on values scaled by the training rows.
import {
  evaluate,
  fit,
  fitBaseline,
  Scaler,
  type SegmentOptions,
  sliceRows,
  type Table,
  type TrainOptions,
} from 'gatecast';
import { readCsv } from 'gatecast/csv';
import { timed, type Outcome, type Task, type Trial } from '../trial.ts';

/** Hours of 12, 16 and 20 months of 30 days: the ends of training, validation and test. */
const ENDS = [8640, 11_520, 14_400] as const;

/** Rows of an hour, by file. */
const FILES = { ETTh1: 1, ETTm1: 4 } as const;
const HORIZONS = { ETTh1: [96, 192, 336, 720], ETTm1: [96, 720] } as const;

/** What is said beside targets, horizon and seed: by default nothing. */
const MODELS = { segment: { model: 'segment', loss: 'mse' }, default: {} } as const;

/** The simple forecasts that are hardest to beat here, with the lookback that is usual for them. */
const LINEAR = ['nlinear', 'dlinear'] as const;
const LOOKBACK = 336;

const SEED = 1;

/**
 * A recurrent model with a carried state, which takes one step of its cell a sample: each channel alone, two days of
 * lags and the course of the day. Chosen by the validation rows.
 */
const RECURRENT = {
  model: 'recurrent',
  hidden: 96,
  lags: Array.from({ length: 47 }, (_, i) => 2 + i),
  cycle: '1d',
  epochs: 8,
  learningRate: 4e-3,
  batchSize: 32,
} as const;
const RECURRENT_SEEDS = [1, 2, 3] as const;

export const ett: Trial = {
  name: 'ett',
  about:
    'ETTh1 and ETTm1, seven channels: a model of segments, what is learned with default options, a recurrent model, and ' +
    'linear forecasts; published for SegRNN of 512 units: 0.351 on ETTh1 at 96',
  needs: Object.keys(FILES).map(pathOf),
  run,
};

async function* run({ quick, file }: Task): AsyncIterable<Outcome> {
  for (const name of ['ETTh1', 'ETTm1'] as const) {
    const [train, validation, test] = ENDS.map((hours) => hours * FILES[name]) as [number, number, number];
    const table = scaledBy(sliceRows(await readCsv(file(pathOf(name))), 0, test), train);
    const split = { train, validation: validation - train };
    for (const horizon of HORIZONS[name]) {
      if (quick && (name !== 'ETTh1' || horizon !== 96)) continue;
      const measured = async (words: string, model: object, seed: number): Promise<Outcome> => {
        const settings = { ...model, ...(quick && { epochs: 1, hidden: 16 }) };
        const { value, seconds } = await timed(async () => {
          const learned = await fit(table, { ...settings, targets: table.names, horizon, seed, split } as
            | TrainOptions
            | SegmentOptions);
          return evaluate(learned, table, { from: validation });
        });
        const errors = { MSE: value.mse, MAE: value.mae };
        return { method: `${name}, ${horizon} steps${words}`, errors, settings, seed, seconds };
      };
      yield await measured('', MODELS.segment, SEED);
      yield await measured(', default options', MODELS.default, SEED);
      if (name === 'ETTh1' && horizon === 96) {
        for (const seed of quick ? [SEED] : RECURRENT_SEEDS) {
          yield await measured(`, recurrent, seed ${seed}`, RECURRENT, seed);
        }
      }
      for (const linear of LINEAR) {
        const task = { inputs: table.names, horizon, interval: 3_600_000 / FILES[name] };
        const settings = { period: 24 * FILES[name], lookback: LOOKBACK, validation: train };
        const { value, seconds } = await timed(async () => {
          const model = await fitBaseline(linear, sliceRows(table, 0, validation), task, settings);
          return evaluate(model, table, { from: validation });
        });
        yield {
          method: `${name}, ${horizon} steps, ${linear}`,
          errors: { MSE: value.mse, MAE: value.mae },
          settings,
          seconds,
        };
      }
    }
  }
}

function pathOf(name: string): string {
  return `ett/${name}.csv`;
}

/** Every column on the scale of its first rows. */
function scaledBy(table: Table, rows: number): Table {
  const { mean, std } = Scaler.fit(table.names, table.columns, 0, rows);
  return { ...table, columns: table.columns.map((column, i) => column.map((value) => (value - mean[i]!) / std[i]!)) };
}
