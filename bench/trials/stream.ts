// One stream through `forecast`, from next() to next(): scaler, network, head, quantiles in the units of the target.
import { forecast } from 'gatecast';
import { Subject } from 'rxjs';
import { PerformanceObserver } from 'node:perf_hooks';
import { isaName } from '../gatecast.ts';
import { liveModel, uniform } from '../live-model.ts';
import { measure, median } from '../measure.ts';
import type { CellName, Result } from '../record.ts';

type Run = (count: number) => void;

export async function stream(cell: CellName, hidden: number, quick: boolean): Promise<Result[]> {
  const model = await liveModel(cell, hidden);
  const random = uniform(5);
  const samples = Array.from({ length: 1024 }, (_, n) => ({
    at: 1.8e12 + 1000 * n,
    values: [50 + 10 * random(), 30 + random()],
  }));
  const feed = (subject: Subject<(typeof samples)[0]>): Run => {
    return (count) => {
      for (let n = 0; n < count; n++) subject.next(samples[n & 1023]!);
    };
  };
  let sum = 0;
  const plain = new Subject<(typeof samples)[0]>();
  const read = new Subject<(typeof samples)[0]>();
  plain.pipe(forecast(model)).subscribe(({ numbers }) => (sum += numbers[0]!));
  read.pipe(forecast(model)).subscribe((f) => (sum += f.interval(0.8).upper[0]!));
  const contenders = [
    { name: 'forecast', run: feed(plain) },
    { name: 'forecast, interval(0.8) read', run: feed(read) },
  ];
  const timings = await measure(contenders, quick);
  const results: Result[] = [];
  for (const [k, { name, run }] of contenders.entries()) {
    results.push({
      trial: 'stream',
      cell,
      sizes: { inputs: 2, hidden },
      precision: 'f32',
      batch: 1,
      threads: 1,
      isa: isaName,
      ours: timings[k]!.ns,
      rival: null,
      rivalName: null,
      unit: 'ns',
      ratio: null,
      floor: null,
      floorRatio: null,
      spread: timings[k]!.spread,
      variant: name,
      sampleBytes: bytesEach(run),
      collections: await collectionsIn(run, 1_000_000),
    });
  }
  if (!Number.isFinite(sum)) throw new Error('a forecast was not finite');
  return results;
}

/** Bytes of the heap per call: the median of short runs, without those in which a collection freed some. */
function bytesEach(run: Run): number {
  const count = 1000;
  const found: number[] = [];
  while (found.length < 51) {
    const { heapUsed } = process.memoryUsage();
    run(count);
    const taken = process.memoryUsage().heapUsed - heapUsed;
    if (taken > 0) found.push(taken / count);
  }
  return median(found);
}

/** How often the garbage collector ran, in any mode. */
async function collectionsIn(run: Run, count: number): Promise<number> {
  let found = 0;
  const observer = new PerformanceObserver((list) => (found += list.getEntries().length));
  observer.observe({ entryTypes: ['gc'] });
  for (let n = 0; n < count; n += 10_000) {
    run(10_000);
    await new Promise((resolve) => setImmediate(resolve)); // the observer is notified between turns
  }
  await new Promise((resolve) => setTimeout(resolve, 10));
  observer.disconnect();
  return found;
}
