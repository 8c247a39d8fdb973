// Many interleaved streams, end to end: from a source's next() to the subscriber's, in a process of its own for each
// case. The keys come at random; a turn of the event loop brings a thousand samples, as a busy socket does.
import { type Forecaster, forecastBy, type LiveForecast, StreamState, type StreamOptions } from 'gatecast';
import { Subject } from 'rxjs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isaName } from '../gatecast.ts';
import { liveModel, uniform } from '../live-model.ts';
import { median } from '../measure.ts';
import type { CellName, Result } from '../record.ts';
import { say } from '../say.ts';

interface Reading {
  readonly id: string;
  readonly at: number;
  readonly values: readonly number[];
}

const TURN = 1000;
/** Mean time between two samples of a key [ms]. */
const INTERVAL = 1000;
const ROUNDS = 20;
const MB = 2 ** 20;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const resident = () => process.memoryUsage().rss;
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** `online`: with gaps filled, sensors watched and intervals calibrated. `samples`: how many are timed. */
export async function fleet(
  cell: CellName,
  keys: number,
  hidden: number,
  online: boolean,
  samples: number,
): Promise<Result[]> {
  const model = await liveModel(cell, hidden);
  const options: StreamOptions = online ? { gap: 'hold', health: true, calibrate: true } : {};
  await checkBits(model, options);

  const ids = Array.from({ length: keys }, (_, k) => `device-${k}`);
  const alone = await samplesPerSecond(ids, Math.min(samples, 1e6), (source) => source.subscribe(count));
  collect();
  const before = resident();
  const memory: number[] = [];
  const ours = await samplesPerSecond(
    ids,
    samples,
    (source) => source.pipe(forecastBy(({ id }) => id, model, { ...options, maxStreams: keys })).subscribe(count),
    (done) => {
      if (done === 0) collect();
      memory.push(resident());
      say(`${(done / 1e6).toFixed(1)} million samples, ${(memory.at(-1)! / MB).toFixed(0)} MB resident`);
    },
  );
  if (received < samples / 2) throw new Error(`${received} answers to ${samples} samples`);
  const state = new StreamState(model, options);
  const stateBytes = state.snapshot().length;
  const opened = memory[0]!;
  return [
    {
      trial: 'fleet',
      cell,
      sizes: { inputs: 2, hidden },
      precision: 'f32',
      batch: keys,
      threads: 1,
      isa: isaName,
      ours: ours.rate,
      rival: null,
      rivalName: null,
      unit: 'samples/s',
      ratio: null,
      floor: alone.rate,
      floorRatio: ours.rate / alone.rate,
      spread: ours.spread,
      error: 0,
      variant: online ? 'gap, health, calibrate' : 'plain',
      stateBytes,
      keyBytes: (opened - before) / keys - stateBytes,
      growth: (100 * (median(memory.slice(-5)) - opened)) / opened,
    },
  ];
}

let received = 0;
function count(): void {
  received++;
}

/** Opens every key, then times rounds of random arrivals; `report` is called after the opening and after each round. */
async function samplesPerSecond(
  ids: readonly string[],
  samples: number,
  subscribe: (source: Subject<Reading>) => { unsubscribe(): void },
  report: (done: number) => void = () => {},
): Promise<{ rate: number; spread: number }> {
  const source = new Subject<Reading>();
  const subscription = subscribe(source);
  const random = uniform(7);
  let time = 1.8e12;
  const send = async (total: number, keyOf: (n: number) => number) => {
    for (let n = 0; n < total; n++) {
      time += INTERVAL / ids.length;
      source.next({ id: ids[keyOf(n)]!, at: time, values: [50 + 10 * random(), 30 + random()] });
      if (n % TURN === TURN - 1) await turn();
    }
    await turn();
  };
  await send(ids.length, (n) => n);
  await send(ids.length, () => Math.floor(random() * ids.length));
  report(0);
  const rates: number[] = [];
  const each = Math.ceil(samples / ROUNDS);
  for (let round = 1; round <= ROUNDS; round++) {
    const start = performance.now();
    await send(each, () => Math.floor(random() * ids.length));
    rates.push((each / (performance.now() - start)) * 1000);
    report(round * each);
  }
  subscription.unsubscribe();
  const rate = median(rates);
  return { rate, spread: (100 * median(rates.map((one) => Math.abs(one - rate)))) / rate };
}

/** Throws unless each of a few hundred streams, mixed at random, gets the bits that it gets alone. */
async function checkBits(model: Forecaster, options: StreamOptions): Promise<void> {
  const random = uniform(11);
  const readings = Array.from({ length: 20_000 }, (_, n) => ({
    id: `device-${Math.floor(random() * 300)}`,
    at: 1.8e12 + (n * INTERVAL) / 300,
    values: [50 + 10 * random(), 30 + random()],
  }));
  const source = new Subject<Reading>();
  const found = new Map<string, LiveForecast[]>();
  source.pipe(forecastBy(({ id }) => id, model, options)).subscribe((forecast) => {
    const list = found.get(forecast.key) ?? [];
    found.set(forecast.key, list);
    list.push(forecast);
  });
  for (const [n, reading] of readings.entries()) {
    source.next(reading);
    if (n % TURN === TURN - 1) await turn();
  }
  source.complete();
  for (const [id, list] of found) {
    const alone = new StreamState(model, options);
    const wanted = readings.filter((reading) => reading.id === id).flatMap((reading) => alone.step(reading) ?? []);
    const same = wanted.length === list.length && wanted.every((one, n) => sameBits(one.numbers, list[n]!.numbers));
    if (!same) throw new Error(`stream ${id} of the fleet differs from the same stream alone`);
    alone.dispose();
  }
}

const sameBits = (a: readonly number[], b: readonly number[]) => a.every((value, k) => Object.is(value, b[k]));
