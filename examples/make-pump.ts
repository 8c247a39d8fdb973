// Makes examples/data/pump.csv: two days of a simulated pump, one reading per minute.
//
//     npx tsx examples/make-pump.ts > examples/data/pump.csv
//
// The pressure [bar] goes up and down with a load of about an hour; the temperature [°C] follows five minutes later,
// on top of the warmth of the day. On the second day a bearing runs hot from 16:00 and is greased at 17:30.
import { Random } from './cart-pole/random.ts';

const random = new Random(7);
const wave = (minute: number, period: number) => Math.sin((2 * Math.PI * minute) / period);
const load = (minute: number) => wave(minute + 4 * wave(minute, 700), 60);
const fault = { begins: 1440 + 16 * 60, ends: 1440 + 17.5 * 60 };
const heat = (minute: number) => (minute < fault.begins || minute >= fault.ends ? 0 : (minute - fault.begins) / 9);

console.log('time,temperature,pressure');
let [cooling, disturbance] = [0, 0];
for (let minute = 0; minute < 2 * 1440; minute++) {
  disturbance = 0.9 * disturbance + 0.05 * random.normal();
  cooling = Math.max(heat(minute), 0.85 * cooling);
  const time = new Date(Date.UTC(2026, 0, 5) + minute * 60_000).toISOString().replace('.000', '');
  const pressure = 2 + 0.4 * load(minute) + 0.02 * random.normal();
  const temperature =
    60 + 8 * load(minute - 5) + 1.5 * wave(minute - 540, 1440) + cooling + disturbance + 0.1 * random.normal();
  console.log(`${time},${temperature.toFixed(2)},${pressure.toFixed(3)}`);
}
