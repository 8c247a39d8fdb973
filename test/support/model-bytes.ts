import { createHash } from 'node:crypto';
import { formatSafetensors, parseSafetensors } from '../../lib/files/safetensors.ts';
import type { StateDict, Tensor } from '../../lib/base/tensor.ts';

/** What a model file holds, open to changes. */
export interface OpenFile {
  tensors: StateDict;
  metadata: Record<string, string>;
}

/** The bytes of a model file after `change`, with a digest that fits again: what a faulty exporter would write. */
export function rewrite(bytes: Uint8Array, change: (file: OpenFile) => void): Uint8Array {
  const file = parseSafetensors(bytes, 'x');
  change(file);
  return seal(formatSafetensors(file.tensors, file.metadata));
}

/** Puts the digest of the rest into the file, wherever its old one stands. */
export function seal(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const blank = text.replace(/("sha256":\s*")[0-9a-f]{64}"/, `$1${'0'.repeat(64)}"`);
  const digest = createHash('sha256').update(Buffer.from(blank, 'latin1')).digest('hex');
  return new Uint8Array(Buffer.from(blank.replace('0'.repeat(64), digest), 'latin1'));
}

/** JSON that a test is about to spoil, so no type fits it. */
// oxlint-disable-next-line no-explicit-any
export type Loose = any;

/** The file after a change of its JSON description. */
export function redescribe(bytes: Uint8Array, change: (description: Loose) => void): Uint8Array {
  return rewrite(bytes, ({ metadata }) => {
    const description = JSON.parse(metadata.description!);
    change(description);
    metadata.description = JSON.stringify(description);
  });
}

/** Exchanges two gates of a stacked tensor of `gates` gates. */
export function swapGates({ data }: Tensor, gates: number, a: number, b: number): void {
  const size = data.length / gates;
  const kept = data.slice(a * size, (a + 1) * size);
  data.copyWithin(a * size, b * size, (b + 1) * size);
  data.set(kept, b * size);
}
