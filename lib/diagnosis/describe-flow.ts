import { printable } from '../base/errors.ts';
import type { GateName } from '../network/cells.ts';
import { carried, type FlowMeasures, type GateFlow, type LayerFlow } from './flow-measures.ts';

/**
 * A gradient below this share of that at lag 1 is lost: 32-bit sums hardly hold it beside the other, and the noise of
 * the batches hides it.
 */
const VANISHED = 1e-6;
/** Below this share, what a lag teaches is little beside what the newest steps teach. */
const FAINT = 1e-2;
/** A gradient of so many times that at lag 1 decides each step of learning. */
const EXPLODED = 100;
/** A gate is saturated if this share of its values is at one end. */
const SATURATED = 0.9;
/** A state hardly moves if it changes by less than this share from step to step. */
const STILL = 1e-3;
/** A unit is dead if the standard deviation of its values is below this. They lie between -1 and 1. */
const DEAD = 1e-3;
/** Dead units are worth a sentence from this share of a layer on, */
const MANY_DEAD = 0.1;
/** and from so many windows on. */
const LEAST_WINDOWS = 8;
/** An input counts for nothing if its gradient is below this share of the largest. */
const NO_INPUT = 1e-6;
/** Most names in a sentence. */
const NAMES = 5;

/** What a gate at its lower or its upper end does to the layer; left out where that is no trouble. */
const ENDS: Readonly<Record<GateName, { low?: string; high?: string }>> = {
  reset: { low: 'new values of the state hardly depend on what the layer remembers' },
  update: {
    low: 'each step overwrites the state, so that it remembers next to nothing',
    high: 'the state is kept as it is, and samples hardly enter it',
  },
  input: { low: 'samples hardly enter the memory' },
  forget: { low: 'each step empties the memory, so that nothing is remembered' },
  output: { low: 'the layer hardly shows what it remembers' },
  candidate: {},
};

/** What the measures of a flow say, as sentences. They depend on these numbers alone. */
export function describeFlow(flow: FlowMeasures): string[] {
  const problems = [
    ...flow.layers.flatMap((layer) => [...saturated(layer), ...still(layer), ...dead(layer, flow.windows)]),
    ...silentInputs(flow),
  ];
  const fine = 'No gate is saturated, the units of every layer move, and the loss has a gradient in every input.';
  return [...randomHead(flow), ...reach(flow), ...(problems.length > 0 ? problems : [fine])];
}

function randomHead({ head }: FlowMeasures): string[] {
  if (head === 'own') return [];
  return [
    'All weights of the head are 0, as before any learning: nothing that was learned improved the forecasts of the ' +
      'validation rows. No gradient comes through such a head, so what follows is measured through a head of chance.',
  ];
}

/** How far back the gradients reach, layer by layer, and what helps. */
function reach(flow: FlowMeasures): string[] {
  const { layers } = flow;
  const found = layers.map((layer) => {
    const gradient = carried(layer);
    return decay(isBackwards(layer) ? gradient.toReversed() : gradient);
  });
  const who = layers.length === 1 ? 'the network' : 'the layer';
  const sentences = found.map((each, place) => reachOf(each, layers[place]!, who, flow));
  if (found.every(({ kind }) => kind === 'vanished') && !layers.some(isBackwards)) {
    sentences.push(nearer(Math.max(...found.map(({ lag }) => lag)), flow));
  }
  if (found.some(({ kind }) => kind === 'exploded')) {
    sentences.push('A lower learningRate, a clipNorm above 0 or a shorter lookback keeps learning stable.');
  }
  return sentences;
}

/** What brings nearer what cannot be learned from beyond a lag. */
function nearer(lag: number, { kind, rowsPerLag }: FlowMeasures): string {
  const ways: Readonly<Record<FlowMeasures['kind'], string>> = {
    recurrent:
      "rows farther apart, a column with the values of then, a calendar or a cycle for a known rhythm, or the model 'segment' " +
      'for a long history of the targets',
    segment: 'longer segments or rows farther apart',
    esrnn: 'a longer lookback, of which each step reads the values, or rows farther apart',
  };
  const far = kind === 'segment' ? `${lag} segments (${lag * rowsPerLag} rows)` : `${lag} steps`;
  const shorter =
    kind === 'esrnn' ? '' : ` If nothing does, a lookback of ${lag * rowsPerLag} teaches as much in less time.`;
  return `If what matters lies farther back than ${far}, bring it nearer: ${ways[kind]}.${shorter}`;
}

function reachOf({ kind, lag, share }: Decay, layer: LayerFlow, who: string, flow: FlowMeasures): string {
  const { name } = layer;
  const { lags, rowsPerLag } = flow;
  const backwards = isBackwards(layer);
  const segments = flow.kind === 'segment';
  const lagOf = (place: number) => (backwards ? lags - 1 - place : place);
  const rows = segments ? ` (${lagOf(lag) * rowsPerLag} rows)` : '';
  const at = `In ${name} the gradient at lag ${lagOf(lag)}${rows} is ${times(share)}`;
  const first = `lag ${lagOf(1)}`;
  const beyond = backwards ? 'from newer samples' : 'farther back';
  const all = segments ? `${lags - 1} segments (${(lags - 1) * rowsPerLag} rows)` : `${lags} steps`;
  const alone = segments
    ? 'the forecast depends on the place in the horizon alone'
    : `${who} learns from the ${backwards ? 'oldest' : 'newest'} sample alone`;
  const keeps = keeping(layer);
  const said: Readonly<Record<Decay['kind'], string>> = {
    none: `No gradient reaches ${name}: it cannot learn.`,
    short: `In ${name} no gradient reaches ${first}: ${alone}.`,
    vanished: `${at} of ${first}: ${who} cannot learn ${beyond}.${keeps}`,
    exploded: `${at} times that of ${first}: the ${backwards ? 'newest' : 'oldest'} samples decide each step of learning.`,
    faint: `${at} of ${first}: ${who} learns little ${backwards ? '' : 'from '}${beyond}.${keeps}`,
    far: `${at} of ${first}: ${who} can learn from all ${all}.`,
  };
  return said[kind];
}

function isBackwards({ name }: LayerFlow): boolean {
  return name.endsWith('backwards');
}

/** What becomes of a gradient over the lags. */
interface Decay {
  readonly kind: 'none' | 'short' | 'vanished' | 'exploded' | 'faint' | 'far';
  /** The step back that shows it, and the gradient there as a share of that one step back. */
  readonly lag: number;
  readonly share: number;
}

function decay(gradient: readonly number[]): Decay {
  const [newest, first = 0] = gradient;
  if (first === 0) return { kind: newest === 0 ? 'none' : 'short', lag: 1, share: 0 };
  const shares = gradient.map((value) => value / first);
  const largest = shares.reduce((most, share, lag) => (lag > 1 && share > shares[most]! ? lag : most), 1);
  if (shares[largest]! > EXPLODED) return { kind: 'exploded', lag: largest, share: shares[largest]! };
  const limits = [
    ['vanished', VANISHED],
    ['faint', FAINT],
  ] as const;
  for (const [kind, limit] of limits) {
    const lag = shares.findLastIndex((share) => share >= limit) + 1;
    if (lag < shares.length) return { kind, lag, share: shares[lag]! };
  }
  return { kind: 'far', lag: shares.length - 1, share: shares.at(-1)! };
}

/** How much of the state a layer keeps, as its gates say. */
function keeping({ gates }: LayerFlow): string {
  const gate = gates.find(({ name }) => name === 'forget' || name === 'update');
  if (!gate) return '';
  return ` Its ${gate.name} gate keeps ${percent(gate.mean)} of the state at each step.`;
}

function saturated({ name: layer, gates }: LayerFlow): string[] {
  return gates.flatMap((gate) => {
    const { name, low, high } = gate;
    if (name === 'candidate') return squashed(gate, layer);
    const trouble = ENDS[name];
    const sentence = (share: number, where: string, effect: string) =>
      `The ${name} gate of ${layer} is ${where} for ${percent(share)} of its values: ${effect}. ${gentler}`;
    if (low >= SATURATED && trouble.low) return [sentence(low, 'below 0.05', trouble.low)];
    if (high >= SATURATED && trouble.high) return [sentence(high, 'above 0.95', trouble.high)];
    return [];
  });
}

const gentler =
  'There its gradient is near 0, so that it hardly leaves: train again with a lower learningRate or from another seed.';

/** The candidate is saturated at either end. */
function squashed({ low, high }: GateFlow, layer: string): string[] {
  if (low + high < SATURATED) return [];
  return [
    `The candidate of ${layer} is at -1 or 1 for ${percent(low + high)} of its values: inputs or weights are too large, and ` +
      'their gradients near 0. Look for outliers in the inputs, or train with a lower learningRate or more weightDecay.',
  ];
}

function still({ name, state, change }: LayerFlow): string[] {
  const half = Math.ceil(state.length / 2); // the first steps come from the zero state
  const [from, to] = name.endsWith('backwards') ? [-half] : [0, half];
  const sum = (values: readonly number[]) => values.slice(from, to).reduce((a, b) => a + b, 0);
  const share = sum(change) / sum(state);
  if (!(share < STILL)) return [];
  return [
    `The state of ${name} hardly moves: it changes by ${times(share)} of itself from step to step. Inputs that hardly ` +
      'change, or an update or forget gate that stays near 1, do this.',
  ];
}

function dead({ name, deviations }: LayerFlow, windows: number): string[] {
  const count = deviations.filter((deviation) => deviation < DEAD).length;
  if (windows < LEAST_WINDOWS || count < MANY_DEAD * deviations.length) return [];
  return [
    `${count} of the ${deviations.length} units of ${name} are dead: they end all ${windows} windows with the same value. ` +
      'Fewer hidden units would do as well.',
  ];
}

/** Inputs on which the forecast does not depend, and those from which nothing can be learned. */
function silentInputs({ inputs }: FlowMeasures): string[] {
  const strengths = inputs.map(({ gradient }) => gradient.reduce((sum, value) => sum + value, 0));
  const strongest = Math.max(...strengths);
  const heaviest = Math.max(...inputs.map(({ weights }) => weights));
  if (strongest === 0 || heaviest === 0) return []; // then no layer learns, which is said
  const unread = inputs.filter((_, i) => strengths[i]! <= NO_INPUT * strongest);
  const constant = inputs.filter((input) => !unread.includes(input) && input.weights <= NO_INPUT * heaviest);
  const named = (list: typeof inputs) => {
    const rest = list.length > NAMES ? ` and ${list.length - NAMES} more` : '';
    return (
      printable(
        list
          .slice(0, NAMES)
          .map(({ name }) => name)
          .join(', '),
      ) + rest
    );
  };
  return [
    ...(unread.length > 0
      ? [
          `The loss has no gradient in ${named(unread)}: the forecast does not depend on ${unread.length > 1 ? 'them' : 'it'}.`,
        ]
      : []),
    ...(constant.length > 0
      ? [
          `The weights that read ${named(constant)} have no gradient, because ${constant.length > 1 ? 'they never move from their means' : 'it never moves from its mean'} in these rows.`,
        ]
      : []),
  ];
}

/** A share or a factor, short. */
function times(share: number): string {
  if (share === 0) return 'nothing';
  return share >= 0.001 && share < 10_000 ? String(Number(share.toPrecision(2))) : share.toExponential(0);
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(share > 0.99 && share < 1 ? 1 : 0))}%`;
}
