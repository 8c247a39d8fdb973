// Goes on with the operations where the store ends, flushes now and then, and prints the number of each that a flush has
// taken in: node operate-for-ever.ts <kind> <module> <folder>
import { writeSync } from 'node:fs';
import type { Store } from '../../../lib/stores/store.ts';
import { operate } from '../operations.ts';

const [name, module, folder] = process.argv.slice(2) as [string, string, string];
const { [name]: open } = (await import(module)) as Record<string, (folder: string) => Store>;
const store = open!(folder);
for (let n = ((store.meta as number | undefined) ?? 0) + 1; ; n++) {
  operate(store, n);
  store.meta = n;
  if (n % 5 === 0 || n % 7 === 0) {
    store.flush();
    writeSync(1, `${n}\n`);
  }
}
