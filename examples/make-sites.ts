// Makes examples/data/sites.csv: the power that three sites draw, one reading an hour for eight weeks.
//
//     npx tsx examples/make-sites.ts > examples/data/sites.csv
//
// Each site has a rhythm of days and weeks of its own: the office rests at weekends, the bakery on Sundays, and the
// cinema is fullest from Friday to Sunday. One reading in a hundred is missing.
import { Random } from './cart-pole/random.ts';

const random = new Random(11);
const weeks = 8;
const monday = Date.UTC(2026, 0, 5);

/** 1 at `middle` o'clock, falling to both sides, also across midnight. */
const peak = (hour: number, middle: number, width: number) => {
  const off = Math.abs(hour - middle);
  return Math.exp(-((Math.min(off, 24 - off) / width) ** 2));
};

/** Power [kW] by the hour of the day and the day of the week, Monday being 0. */
const sites: Readonly<Record<string, (hour: number, day: number) => number>> = {
  office: (hour, day) => 12 + (day < 5 ? 60 : 4) * peak(hour, 13, 4.5),
  bakery: (hour, day) => 8 + (day === 6 ? 0 : 45 * peak(hour, 4, 2.5) + 10 * peak(hour, 11, 4)),
  cinema: (hour, day) => 5 + (day >= 4 ? 90 : 40) * peak(hour, 20.5, 2.5),
};

console.log('site,time,power_kW');
const drift = new Map<string, number>();
for (let hour = 0; hour < weeks * 7 * 24; hour++) {
  const time = new Date(monday + hour * 3_600_000).toISOString().slice(0, 16);
  for (const [site, power] of Object.entries(sites)) {
    const slow = 0.9 * (drift.get(site) ?? 0) + 0.8 * random.normal();
    drift.set(site, slow);
    const value = power(hour % 24, Math.floor(hour / 24) % 7) * (1 + 0.03 * random.normal()) + slow;
    console.log(`${site},${time},${hour % 100 === 57 ? '' : Math.max(0, value).toFixed(1)}`);
  }
}
