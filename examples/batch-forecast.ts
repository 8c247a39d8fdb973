// Forecasts several series of a CSV file with one model that has learned from all of them.
//
//     npx tsx examples/batch-forecast.ts [forecasts.csv]
//
// examples/data/processes.csv holds the CPU time [%] of five programs on one machine, read from /proc/<pid>/stat four
// times a second for 100 s. The readings are real; the programs were loops made for the recording, with invented names.
import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { evaluate, fit, rolling, sliceRows } from 'gatecast';
import { forecastHeader, forecastLines, readCsv } from 'gatecast/csv';

const input = fileURLToPath(new URL('data/processes.csv', import.meta.url));
const output = process.argv[2] ?? 'forecasts.csv';
const horizon = 8;
const test = 100;

const series = await readCsv(input, { by: 'series' });
const rows = Math.min(...[...series.values()].map((table) => table.columns[0]!.length));
const known = [...series.values()].map((table) => sliceRows(table, 0, rows - test));
// The level means something here, since 0 is idle: there is no use in learning the rhythm at other levels (levelShift).
const model = await fit(known, { targets: 'value', horizon, lookback: 32, levelShift: 0 });

const file = createWriteStream(output);
file.write(forecastHeader(model.description, { levels: [0.8], series: { name: 'series', value: '' } }));
console.log(
  `series      last     in ${horizon} steps     80% interval   error of repeating the last value, of the model`,
);
for (const [name, table] of series) {
  const score = evaluate(model, table, { from: rows - test, to: rows });
  const [latest] = rolling(model, table, { from: rows - 1 });
  if (!latest) throw new Error(`${name} ends with a missing value`);
  file.write(
    forecastLines(latest, model.description.interval, { levels: [0.8], series: { name: 'series', value: name } }),
  );
  const { lower, upper } = latest.forecast.interval(0.8);
  const [last, mean, low, high, naive, own] = [
    table.columns[0]![rows - 1]!,
    latest.forecast.mean[horizon - 1]!,
    lower[horizon - 1]!,
    upper[horizon - 1]!,
    score.naive.mae,
    score.mae,
  ].map((value) => value.toFixed(2));
  const range = `${low} to ${high}`;
  console.log(
    `${name.padEnd(10)}${last!.padStart(6)}${mean!.padStart(13)}${range.padStart(18)}${naive!.padStart(12)}${own!.padStart(8)}`,
  );
}
file.end(() => console.log(`forecasts of ${series.size} series are in ${output}`));
