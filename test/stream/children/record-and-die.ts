// Records SAMPLES samples 0, 1, 2 ... to the file RECORDING, waits until they are in the file, records as many again and
// is killed in the midst of writing them.
import { statSync } from 'node:fs';
import { Subject } from 'rxjs';
import { record } from '../../../lib/stream/recording/record.ts';

const path = process.env['RECORDING']!;
const count = Number(process.env['SAMPLES']);
const values = Array.from({ length: 200 }, (_, i) => Math.sqrt(i));
const source = new Subject<number[]>();
source.pipe(record(path, { flush: 1 })).subscribe();
for (let i = 0; i < count; i++) source.next([i, ...values]);
while (statSync(path).size < count * 8 * (1 + values.length)) await new Promise((resolve) => setTimeout(resolve, 1));
for (let i = count; i < 2 * count; i++) {
  source.next([i, ...values]);
  if (i % 50 === 0) await new Promise(setImmediate);
}
process.kill(process.pid, 'SIGKILL');
