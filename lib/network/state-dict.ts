import { describe, expected, GatecastError, nearest } from '../errors.ts';
import { checkTensor, elementCount, type StateDict } from '../tensor.ts';

/** Splits flat parameters into named tensors; the data are copies. */
export function toStateDict(shapes: ReadonlyMap<string, number[]>, flat: Float32Array): StateDict {
  const dict: StateDict = {};
  let offset = 0;
  for (const [name, shape] of shapes) {
    const count = elementCount(shape);
    dict[name] = { shape: [...shape], data: flat.slice(offset, offset + count) };
    offset += count;
  }
  return dict;
}

/** Joins named tensors into flat parameters, once `checkStateDict` has found nothing wrong. */
export function fromStateDict(shapes: ReadonlyMap<string, readonly number[]>, dict: unknown): Float32Array {
  checkStateDict(shapes, dict);
  let count = 0;
  for (const shape of shapes.values()) count += elementCount(shape);
  const flat = new Float32Array(count);
  let offset = 0;
  for (const name of shapes.keys()) {
    const { data } = dict[name]!;
    flat.set(data, offset);
    offset += data.length;
  }
  return flat;
}

/**
 * Checks that the tensors have these names and shapes, no others, and finite values; allocates nothing of their size.
 * Throws `invalid-state-dict` or `invalid-shape`, naming the tensor.
 */
export function checkStateDict(
  shapes: ReadonlyMap<string, readonly number[]>,
  dict: unknown,
): asserts dict is StateDict {
  if (typeof dict !== 'object' || dict === null || Array.isArray(dict) || ArrayBuffer.isView(dict)) {
    throw new GatecastError('invalid-state-dict', expected('an object of named tensors', 'the state dict', dict));
  }
  for (const name of Object.keys(dict)) {
    if (shapes.has(name)) continue;
    const close = nearest(name, shapes.keys());
    const known = close === undefined ? `one of ${[...shapes.keys()].join(', ')}` : `'${close}'`;
    const hint = shapes.size === 0 ? '.' : `; did you mean ${known}?`;
    throw new GatecastError(
      'invalid-state-dict',
      `Expected ${shapes.size} tensors but received an unknown one, ${describe(name)}${hint}`,
    );
  }
  for (const [name, shape] of shapes) checkParameter(dict as StateDict, name, shape);
}

function checkParameter(tensors: StateDict, name: string, shape: readonly number[]): void {
  const wanted = `shape [${shape.join(', ')}]`;
  if (!Object.hasOwn(tensors, name)) {
    throw new GatecastError('invalid-state-dict', `Expected a tensor of ${wanted} for ${name} but received none.`);
  }
  const tensor = tensors[name];
  checkTensor(tensor, name);
  if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis])) {
    const received = `shape [${tensor.shape.slice(0, 8).join(', ')}]`;
    throw new GatecastError('invalid-state-dict', `Expected ${wanted} for ${name} but received ${received}.`);
  }
  for (let k = 0; k < elementCount(shape); k++) {
    if (Number.isFinite(tensor.data[k])) continue;
    throw new GatecastError('invalid-state-dict', expected('a finite number', `${name}[${k}]`, tensor.data[k]));
  }
}
