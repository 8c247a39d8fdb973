import { GatecastError, misfit } from '../base/errors.ts';
import { list, number, object, text, whole } from '../base/schema.ts';
import type { StateDict } from '../base/tensor.ts';
import { writeFileAtomic } from '../files/atomic-write.ts';
import { readFileIfThere } from '../files/read-file.ts';
import { checkDigest, type FileKind, formatSealed, inFile, jsonOf, parseSealed } from '../model/sealed-file.ts';
import type { Course, PassProgress } from './course.ts';
import { differenceOf, type Identity } from './identity.ts';

const KIND: FileKind = { what: 'a checkpoint of a training', format: 'gatecast-checkpoint', version: '1' };
const DEPTH = 4;

/** The tensors of a course, by the beginnings of their names in the file. */
const GROUPS = ['weights', 'average', 'best', 'mean', 'square'] as const;
/** The states that windows carry, if any do. */
const STATES = ['h', 'c'] as const;
type Groups = Record<(typeof GROUPS)[number], StateDict>;

/** The numbers of a course, as text: JSON has neither 64 bits nor infinity. */
type Numbers = Pick<Course, 'progress' | 'judge' | 'pass' | 'again'> & {
  best: PassProgress;
  steps: number;
  random: string;
  ends: readonly number[];
  ages: readonly number[];
};

/**
 * The file in which a training keeps where it is. Whenever the process is killed, the file holds one whole moment, from
 * which learning goes on with the same bits.
 */
export class Checkpoint {
  readonly path: string;
  /** What the file held when it was opened; undefined if there was none. */
  readonly found: Course | undefined;
  readonly #identity: Identity;
  readonly #every: number;
  #written = performance.now();

  private constructor(path: string, every: number, identity: Identity, found: Course | undefined) {
    this.path = path;
    this.found = found;
    this.#identity = identity;
    this.#every = every;
  }

  /**
   * Reads the file, if it is there. Throws `invalid-file` if it is damaged, of another kind, or of another training;
   * `io` if it cannot be read.
   *
   * @param every least time between two writings [ms]
   */
  static async open(path: string, every: number, identity: Identity): Promise<Checkpoint> {
    const bytes = await readFileIfThere(path);
    return new Checkpoint(path, every, identity, bytes && parse(bytes, path, identity));
  }

  /** Whether it is time to write again. */
  get isDue(): boolean {
    return performance.now() - this.#written >= this.#every;
  }

  /** Replaces the file, whole or not at all. Throws `io`. */
  async write(course: Course): Promise<void> {
    await writeFileAtomic(this.path, format(course, this.#identity));
    this.#written = performance.now();
  }
}

function format(course: Course, identity: Identity): Uint8Array {
  const { progress, best, judge, pass, weights, average, optimiser, again } = course;
  const { mean, square, steps, random, carried } = optimiser;
  const groups: Groups = { weights, average, best: best.weights, mean, square };
  const tensors = GROUPS.flatMap((group) =>
    Object.entries(groups[group]).map(([name, tensor]) => [`${group}.${name}`, tensor] as const),
  );
  const of = { ends: [...carried.ends], ages: [...carried.ages] };
  const numbers: Numbers = { progress, judge, pass, again, best: best.progress, steps, random: `${random}`, ...of };
  const states = STATES.map((name) => [`carried.${name}`, { shape: [carried[name].length], data: carried[name] }]);
  return formatSealed(KIND, Object.fromEntries([...tensors, ...states]), {
    identity: JSON.stringify(identity),
    numbers: JSON.stringify(numbers, (_, value: unknown) => {
      return typeof value === 'number' && !Number.isFinite(value) ? `${value}` : value;
    }),
  });
}

function parse(bytes: Uint8Array, path: string, identity: Identity): Course {
  const { tensors, metadata, sha256 } = parseSealed(KIND, bytes, path);
  return inFile(path, () => {
    checkDigest(bytes, sha256, path);
    const difference = differenceOf(jsonOf(metadata, 'identity', DEPTH), identity);
    if (difference !== undefined) {
      const message = `Expected a checkpoint of this training in ${path} but ${difference}; remove it to start over.`;
      throw new GatecastError('invalid-file', message);
    }
    const { best, random, steps, ends, ages, ...course } = checkNumbers(jsonOf(metadata, 'numbers', DEPTH), 'numbers');
    const groups = Object.fromEntries(GROUPS.map((group) => [group, groupOf(tensors, `${group}.`)])) as Groups;
    const { mean, square, weights, average } = groups;
    const [h, c] = STATES.map((name) => tensors[`carried.${name}`]?.data ?? new Float32Array());
    const carried = { ends: Int32Array.from(ends), ages: Int32Array.from(ages), h: h!, c: c! };
    return {
      ...course,
      best: { progress: best, weights: groups.best },
      weights,
      average,
      optimiser: { mean, square, steps, random: BigInt(random), carried },
    };
  });
}

function groupOf(tensors: StateDict, prefix: string): StateDict {
  const own = Object.entries(tensors).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

const count = whole(0, Number.MAX_SAFE_INTEGER);

/** A number, or the text of one that JSON does not have. */
function loss(value: unknown, name: string): number {
  if (typeof value === 'string' && ['NaN', 'Infinity', '-Infinity'].includes(value)) return Number(value);
  return number(-Infinity, Infinity)(value, name);
}

function digits(value: unknown, name: string): string {
  const found = text(20)(value, name);
  if (/^\d+$/.test(found)) return found;
  throw misfit('a whole number as text', name, value);
}

/** As they stand in 32 bits, of as many windows as a batch may have. */
const rows = list(whole(-(2 ** 31), 2 ** 31 - 1), 0, 65_536);

const progress = object<PassProgress>({
  epoch: count,
  epochs: count,
  trainLoss: loss,
  validationLoss: loss,
  bestEpoch: count,
  gradientNorm: loss,
  samplesPerSecond: loss,
});

const checkNumbers = object<Numbers>(
  {
    progress,
    best: progress,
    judge: object<Course['judge']>({
      recent: list(loss, 0, 16),
      lowest: loss,
      waited: count,
      standstills: count,
    }),
    pass: object<Course['pass']>({ windows: count, loss, norm: loss, seconds: loss }),
    steps: count,
    random: digits,
    ends: rows,
    ages: rows,
    again: progress,
  },
  ['again'],
);
