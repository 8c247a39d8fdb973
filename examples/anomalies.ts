// Learns series without any training, from their first rows on, and reports when something is wrong with them.
//
//     npx tsx examples/anomalies.ts FILE.csv ...      without a file, a simulated pump that fails twice
import { anomalies, OnlineForecaster, type Table } from 'gatecast';
import { readCsv } from 'gatecast/csv';
import { filter, map, range } from 'rxjs';

const files = process.argv.slice(2);
const tables = files.length > 0 ? await Promise.all(files.map((file) => readCsv(file))) : [pump()];

tables.forEach((table, i) => {
  const at = table.at;
  if (!at) throw new Error(`${files[i]} has no column of times`);
  const model = new OnlineForecaster({ inputs: table.names });
  console.log(files[i] ?? 'a pump that runs hot after three days and is struck after four');
  range(0, at.length)
    .pipe(
      map((row) => ({ at: at[row]!, values: table.columns.map((column) => column[row]!) })),
      anomalies(model, { interval: at[1]! - at[0]!, perDay: 0.25 }),
      filter(({ alert }) => alert === 'opened' || alert === 'closed'),
    )
    .subscribe((judgement) => {
      const time = new Date(judgement.at!).toISOString().slice(0, 16);
      const { alert, input, score, likelihood } = judgement;
      const what = alert === 'opened' ? `${input}, score ${score.toFixed(2)}, likelihood ${likelihood.toFixed(3)}` : '';
      console.log(`${time}  ${alert}  ${what}`.trimEnd());
    });
  model.dispose();
});

/** Five days, one row per minute. */
function pump(): Table {
  const minutes = 5 * 1440;
  const wave = (t: number, period: number) => Math.sin((2 * Math.PI * t) / period);
  let seed = 1;
  const noise = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 31 - 1;
  };
  const hot = (t: number) => (t >= 3 * 1440 && t < 3 * 1440 + 180 ? (t - 3 * 1440) / 20 : 0);
  const struck = (t: number) => (t === 4 * 1440 ? 1.5 : 0);
  const column = (value: (t: number) => number) => Float64Array.from({ length: minutes }, (_, t) => value(t));
  return {
    names: ['temperature', 'vibration'],
    columns: [
      column((t) => 60 + 2 * wave(t, 1440) + 0.4 * noise() + hot(t)),
      column((t) => 3 + 0.5 * wave(t, 45) + 0.1 * noise() + struck(t)),
    ],
    at: column((t) => Date.UTC(2026, 0, 1) + 60_000 * t),
  };
}
