import { misfit } from '../../base/errors.ts';
import { isList, number, object } from '../../base/schema.ts';
import type { CostTerms } from '../../network/attached-planner.ts';
import { atOnce } from '../at-once.ts';

/**
 * The wanted value of an output or an action: always the same, or one per step of the horizon; a function is called
 * before each plan.
 */
export type Reference = number | ArrayLike<number> | (() => number | ArrayLike<number>);

export interface TrackCost {
  /** Weight of (output - reference)^2, at each step. */
  weight?: number;
  /** Further weight of the same at the last step. */
  terminal?: number;
  /** 0 by default. */
  reference?: Reference;
}

export interface ActionCost {
  /** Weight of (action - reference)^2, at each step. */
  weight?: number;
  /** Weight of the square of the change from the previous action; the first changes from the one sent last. */
  change?: number;
  /** 0 by default. */
  reference?: Reference;
}

export interface SoftLimit {
  /** Weight of the square of how far the output is outside its range, at each step. */
  weight: number;
  min?: number;
  max?: number;
}

/**
 * The cost of a plan: the sum of all terms over the steps of the horizon. Outputs and actions go by the forecaster's
 * names.
 */
export interface PlanCost {
  track?: Readonly<Record<string, TrackCost>>;
  actions?: Readonly<Record<string, ActionCost>>;
  soft?: Readonly<Record<string, SoftLimit>>;
  /** For each output, the weight of the variance of its predictions over the models of an ensemble. */
  risk?: Readonly<Record<string, number>>;
}

/** The terms of a cost, and their references, [terms][horizon]. */
export interface CheckedCost {
  readonly terms: CostTerms;
  /** Their initial values; 0 where a function gives them. */
  readonly references: Float64Array;
  /** Writes the references before a plan; undefined if none is a function. */
  readonly ask: ((out: Float64Array) => void) | undefined;
}

const LIMIT = Number.MAX_VALUE;
const LARGEST = 1e100;
const weight = number(0, LARGEST);
const bound = number(-LIMIT, LIMIT);
const checkTrack = object<TrackCost>({ weight, terminal: weight, reference: checkReference }, [
  'weight',
  'terminal',
  'reference',
]);
const checkActionCost = object<ActionCost>({ weight, change: weight, reference: checkReference }, [
  'weight',
  'change',
  'reference',
]);
const checkSoft = object<SoftLimit>({ weight, min: bound, max: bound }, ['min', 'max']);
const anything = (value: unknown) => value as never;
const checkTerms = object<PlanCost>({ track: anything, actions: anything, soft: anything, risk: anything }, [
  'track',
  'actions',
  'soft',
  'risk',
]);

/** Throws `invalid-argument` for unknown names and wrong values. */
export function checkCost(
  value: unknown,
  name: string,
  outputs: readonly string[],
  actions: readonly string[],
  horizon: number,
): CheckedCost {
  const terms = checkTerms(value, name);
  const each = <T>(part: keyof PlanCost, names: readonly string[], check: (value: unknown, name: string) => T) => {
    const checked: Partial<Record<string, T>> = object<Record<string, T>>(
      Object.fromEntries(names.map((key) => [key, check])) as never,
      [...names],
    )(terms[part] ?? {}, `${name}.${part}`);
    return names.flatMap((key, index) => (checked[key] === undefined ? [] : [{ index, key, term: checked[key] }]));
  };
  const track = each('track', outputs, checkTrack);
  const effort = each('actions', actions, checkActionCost);
  const soft = each('soft', outputs, checkSoft);
  const risk = each('risk', outputs, weight);
  const references = [
    ...track.map(({ key, term }) => ({ from: term.reference ?? 0, of: `${name}.track.${key}.reference` })),
    ...effort.map(({ key, term }) => ({ from: term.reference ?? 0, of: `${name}.actions.${key}.reference` })),
  ];
  const first = new Float64Array(references.length * horizon);
  const step = (out: Float64Array, k: number) => out.subarray(k * horizon, (k + 1) * horizon);
  references.forEach(({ from, of }, k) => {
    if (typeof from !== 'function') writeReference(from, of, step(first, k));
  });
  const ask = (out: Float64Array) => {
    references.forEach(({ from, of }, k) => {
      if (typeof from === 'function') writeReference(atOnce(from(), of), of, step(out, k));
    });
  };
  return {
    terms: {
      track: rows(track.map(({ index, term }) => [index, term.weight ?? 0, term.terminal ?? 0])),
      effort: rows(effort.map(({ index, term }) => [index, term.weight ?? 0, term.change ?? 0])),
      soft: rows(soft.map(({ index, term }) => [index, term.min ?? -LIMIT, term.max ?? LIMIT, term.weight])),
      risk: rows(risk.map(({ index, term }) => [index, term])),
    },
    references: first,
    ask: references.some(({ from }) => typeof from === 'function') ? ask : undefined,
  };
}

function writeReference(from: unknown, name: string, out: Float64Array): void {
  if (typeof from === 'number' && Number.isFinite(from)) {
    out.fill(from);
    return;
  }
  if (!isList(from) || from.length !== out.length) {
    throw misfit(`a finite number or a list of ${out.length}, one for each step,`, name, from);
  }
  for (let t = 0; t < out.length; t++) {
    const value: unknown = from[t];
    if (typeof value !== 'number' || !Number.isFinite(value)) throw misfit('a finite number', `${name}[${t}]`, value);
    out[t] = value;
  }
}

function checkReference(value: unknown, name: string): Reference {
  if (typeof value === 'number' || isList(value) || typeof value === 'function') return value as Reference;
  throw misfit('a number, a list or a function', name, value);
}

function rows(of: readonly (readonly number[])[]): Float64Array {
  return Float64Array.from(of.flat());
}
