// Forecasts an endless series of samples for some keys, kept in a store, and prints each forecast as it comes:
// "n key numbers" with the sample's number. It goes on from where the store says. Arguments: kind, module, folder, operator.
import { writeSync } from 'node:fs';
import { Subject } from 'rxjs';
import type { KeptMeta } from '../../../lib/stream/keeper.ts';
import type { Store } from '../../../lib/stores/store.ts';
import { forecast } from '../../../lib/stream/forecast.ts';
import { forecastBy } from '../../../lib/stream/fleet/forecast-by.ts';
import { everything, line, model, nth, type Numbered } from '../numbered-series.ts';

const [kind, module, folder, operator] = process.argv.slice(2) as [string, string, string, string];
const { [kind]: open } = (await import(module)) as Record<string, (folder: string) => Store>;
const store = open!(folder);
const source = new Subject<Numbered>();
const options = { ...everything, store, flush: { samples: 37 } };
const forecasts =
  operator === 'forecast'
    ? source.pipe(forecast(model, options))
    : source.pipe(forecastBy((sample) => sample.id, model, { ...options, maxStreams: 5 }));
forecasts.subscribe((f) => writeSync(1, line(f)));

let n = (store.meta as KeptMeta | undefined)?.samples ?? 0;
writeSync(1, `from ${n}\n`);
for (;;) {
  for (let k = 0; k < 11; k++) source.next(nth(n++, operator === 'forecast' ? 1 : 9));
  await new Promise((resolve) => setImmediate(resolve));
}
