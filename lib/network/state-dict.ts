import { describe, expected, GatecastError, misfit, nearest } from '../base/errors.ts';
import { elementCount, readTensor, type StateDict, type Tensor } from '../base/tensor.ts';
import { isRecord, reading } from '../base/values.ts';
import { boolean, object } from '../base/schema.ts';

/** Which tensors of a state dict to load. */
export interface LoadOptions {
  /** Prefix of the names to load, such as 'module.lstm.'; tensors without it are left out. Default ''. */
  prefix?: string;
  /**
   * Whether a tensor that the network does not have is an error (default) or left out. A missing tensor is always an
   * error.
   */
  strict?: boolean;
}

/** Separator between the names of modules. */
const SEPARATORS = './:_';

type Shapes = ReadonlyMap<string, readonly number[]>;

/** Splits flat parameters into named tensors, as copies. */
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

/** Joins named tensors into flat parameters, after checking all of them. Throws as `readStateDict` does. */
export function fromStateDict(shapes: Shapes, dict: unknown, options?: LoadOptions): Float32Array {
  const tensors = Object.values(readStateDict(shapes, dict, options));
  const flat = new Float32Array(tensors.reduce((sum, { data }) => sum + data.length, 0));
  let offset = 0;
  for (const { data } of tensors) {
    flat.set(data, offset);
    offset += data.length;
  }
  return flat;
}

const anyText = (value: unknown, name: string): string => {
  if (typeof value === 'string') return value;
  throw misfit('text', name, value);
};
const checkOptions = object<LoadOptions>({ prefix: anyText, strict: boolean }, ['prefix', 'strict']);

/**
 * Returns the tensors in the order of `shapes`, checked for shape and finite values; allocates nothing of their size.
 * Throws `invalid-state-dict` or `invalid-shape`, naming the tensor. If `options` are given, the message may advise to
 * change them.
 */
export function readStateDict(shapes: Shapes, dict: unknown, options?: LoadOptions): StateDict {
  const { prefix = '', strict = true } = checkOptions(options ?? {}, 'options');
  if (!isRecord(dict) || ArrayBuffer.isView(dict))
    throw wrongTensors(expected('an object of named tensors', 'the state dict', dict));
  const given = reading('the state dict', () => Object.entries(dict));
  const tensors = new Map<string, unknown>();
  for (const [name, tensor] of given) if (name.startsWith(prefix)) tensors.set(name.slice(prefix.length), tensor);
  if (tensors.size === 0 && given.length > 0 && prefix !== '') {
    throw wrongTensors(
      `Expected names with the prefix ${describe(prefix)} but received names such as ${describe(given[0]![0])}.`,
    );
  }
  const names = [...tensors.keys()];
  const unknown = names.find((name) => !shapes.has(name));
  if (unknown !== undefined && strict) throw wrongTensors(surplus(shapes, names, unknown, options && prefix));
  const read = Array.from(shapes, ([name, shape]) => [name, readParameter(tensors, name, shape)] as const);
  return Object.fromEntries(read);
}

/** The message for a tensor whose name the network does not have; `prefix` is the option, if given. */
function surplus(shapes: Shapes, names: readonly string[], unknown: string, prefix: string | undefined): string {
  const received = describe(unknown);
  const [first] = shapes.keys();
  if (first === undefined) return `Expected 0 tensors but received an unknown one, ${received}.`;
  const close = nearest(unknown, shapes.keys());
  if (close === undefined && [...shapes.keys()].every((name) => names.includes(name))) {
    const way = prefix === undefined ? '' : '; load without it with { strict: false }';
    return `Expected only the ${shapes.size} tensors of this network but received ${received} besides${way}.`;
  }
  const before = commonPrefix(shapes, names);
  if (before !== undefined) {
    const way = prefix === undefined ? 'take it off' : `load them with { prefix: ${describe(prefix + before)} }`;
    return `Expected names such as ${first} but received names with the prefix ${describe(before)}; ${way}.`;
  }
  const known = close === undefined ? `one of ${[...shapes.keys()].join(', ')}` : `'${close}'`;
  return `Expected ${shapes.size} tensors but received an unknown one, ${received}; did you mean ${known}?`;
}

/** What precedes the network's names in most of the given names. */
function commonPrefix(shapes: Shapes, names: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  const longest = Math.max(...Array.from(shapes.keys(), (name) => name.length));
  for (const name of names) {
    for (let at = Math.max(1, name.length - longest); at < name.length; at++) {
      if (!SEPARATORS.includes(name[at - 1]!) || !shapes.has(name.slice(at))) continue;
      const before = name.slice(0, at);
      counts.set(before, (counts.get(before) ?? 0) + 1);
      break;
    }
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

function readParameter(tensors: ReadonlyMap<string, unknown>, name: string, shape: readonly number[]): Tensor {
  const wanted = `shape [${shape.join(', ')}]`;
  if (!tensors.has(name)) throw wrongTensors(`Expected a tensor of ${wanted} for ${name} but received none.`);
  const tensor = readTensor(tensors.get(name), name);
  if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis])) {
    const received = `shape [${tensor.shape.slice(0, 8).join(', ')}]`;
    throw wrongTensors(`Expected ${wanted} for ${name} but received ${received}.`);
  }
  for (let k = 0; k < tensor.data.length; k++) {
    if (!Number.isFinite(tensor.data[k]))
      throw wrongTensors(expected('a finite number', `${name}[${k}]`, tensor.data[k]));
  }
  return tensor;
}

function wrongTensors(message: string): GatecastError {
  return new GatecastError('invalid-state-dict', message);
}
