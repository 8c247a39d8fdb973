import type * as Gatecast from 'gatecast';
import { Subject } from 'rxjs';
import { existsSync } from 'node:fs';
import type { Cycle } from './soak-cycles.ts';

const built = new URL('../dist/index.js', import.meta.url);

/** A worker that is terminated while it steps; undefined without a built package, whose code the worker runs. */
export async function workerCycle(model: Gatecast.Forecaster): Promise<Cycle | undefined> {
  if (!existsSync(built)) return undefined;
  const { Forecaster, forecastInWorker } = (await import(built.href)) as typeof Gatecast;
  const same = Forecaster.fromBytes(model.toBytes());
  return () =>
    new Promise((resolve, reject) => {
      const source = new Subject<Gatecast.Sample>();
      let answered = 0;
      const worker = source.pipe(forecastInWorker(same)).subscribe({
        next: () => {
          if (++answered < 50) return;
          worker.unsubscribe();
          resolve(answered);
        },
        error: reject,
      });
      for (let n = 0; n < 1000; n++) source.next({ at: 1.8e12 + 1000 * n, values: [50 + (n % 7), 30] });
    });
}
