import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readCsv } from '../lib/adapters/csv.ts';
import { AnomalyState } from '../lib/stream/anomaly/anomaly-state.ts';
import { OnlineForecaster } from '../lib/online/learner/online-forecaster.ts';

/** One file of the Numenta Anomaly Benchmark. */
export interface NabFile {
  name: string;
  at: Float64Array;
  values: Float64Array;
  /** First and last row of each labelled window. */
  windows: [first: number, last: number][];
}

/** The files of the benchmark on which Gatecast was first tried. */
export const temperatureFiles = ['ambient_temperature_system_failure.csv', 'machine_temperature_system_failure.csv'];

/**
 * Reads the CSV files of a folder, or those named, with their windows from `windows.json`: times, both ends included.
 */
export async function readNab(folder: string, names: readonly string[] = []): Promise<NabFile[]> {
  const labels = JSON.parse(await readFile(join(folder, 'windows.json'), 'utf8')) as Record<string, [string, string][]>;
  const wanted = names.length > 0 ? names : (await readdir(folder)).filter((name) => name.endsWith('.csv')).sort();
  return Promise.all(
    wanted.map(async (name) => {
      const { at, columns } = await readCsv(join(folder, name), { order: 'file' }); // a clock is set back in one
      const windows = labels[name]!.map(([from, to]): [number, number] => [
        at!.findIndex((time) => time >= timeOf(from)),
        at!.findLastIndex((time) => time <= timeOf(to)),
      ]);
      return { name, at: at!, values: columns[0]!, windows };
    }),
  );
}

/** The labels have times such as 2013-12-10 06:25:00.000000, in UTC. */
function timeOf(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}

/** The scores of the detector that learns online, with its defaults. */
export function onlineScores({ at, values }: Pick<NabFile, 'at' | 'values'>): Float64Array {
  const model = new OnlineForecaster({ inputs: ['value'] });
  const state = new AnomalyState(model, { interval: at[1]! - at[0]! });
  const scores = values.map((value, row) => state.step({ at: at[row]!, values: value })!.score);
  state.dispose();
  model.dispose();
  return scores;
}
