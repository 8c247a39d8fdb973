// In a process that may not write files above 2 MB: node fill-disk.ts <kind> <folder>
import { KINDS } from '../kinds.ts';

const [name, folder] = process.argv.slice(2);
process.on('SIGXFSZ', () => {}); // or the system would end it
const { open } = KINDS.find((kind) => kind.name === name)!;
const codeOf = (call: () => void): unknown => {
  try {
    call();
    return 'done';
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
};

let store = open(folder!);
store.put('small', Uint8Array.of(1));
store.flush();
for (let i = 0; i < 4000; i++) store.put(`key ${i}`, new Uint8Array(1000).fill(i));
store.meta = 'large';
const tooLarge = [codeOf(() => store.flush()), codeOf(() => store.flush())];
const kept = [store.size, store.get('key 77')![0]];
for (let i = 1; i < 4000; i++) store.delete(`key ${i}`);
const small = codeOf(() => store.flush());
store.close();
store = open(folder!);
console.log(JSON.stringify({ tooLarge, kept, small, keys: [...store.keys()].sort(), meta: store.meta }));
store.close();
