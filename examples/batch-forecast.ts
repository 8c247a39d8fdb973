// Forecasts several series of a CSV file with one model that has learned from all of them.
//
//     npx tsx examples/batch-forecast.ts [forecasts.csv]
//
// examples/data/processes.csv holds the CPU time [%] of five programs on one machine, read from /proc/<pid>/stat four
// times a second for 100 s. The readings are real; the programs were loops made for the recording, with invented names.
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { evaluate, fit, predict } from 'gatecast';
import { csvSeries, forecastHeader, forecastLines } from 'gatecast/csv';

const input = fileURLToPath(new URL('data/processes.csv', import.meta.url));
const output = process.argv[2] ?? 'forecasts.csv';
const horizon = 8;
const split = { train: 240, validation: 60 }; // of the 400 rows of each series

const series = csvSeries(input, { by: 'series', roles: { value: 'target' } });
// Levels mean something here, 0 being idle: there is no use in learning the rhythm at others (levelShift).
const model = await fit(series, { horizon, lookback: 32, levelShift: 0, split });
const scores = await evaluate(model, series, { from: split.train + split.validation });
const forecasts = await predict(model, series);

const columns = { levels: [0.8], series: { name: 'series' } };
let csv = forecastHeader(model.description, columns);
console.log(`series     in ${horizon} steps     80% interval   error of repeating the last value, of the model`);
for (const [key, entry] of forecasts) {
  csv += forecastLines(entry, model.description.interval, columns);
  const { lower, upper } = entry.forecast.interval(0.8);
  const { naive, mae } = scores.series.get(key)!;
  const [mean, low, high, last, own] = [entry.forecast.mean, lower, upper, [naive.mae], [mae]].map((values) =>
    values.at(-1)!.toFixed(2),
  );
  const range = `${low} to ${high}`;
  console.log(`${key.padEnd(10)}${mean!.padStart(11)}${range.padStart(18)}${last!.padStart(12)}${own!.padStart(8)}`);
}
await writeFile(output, csv);
console.log(`forecasts of ${forecasts.size} series are in ${output}`);
