import type { PairedTest } from '../accuracy/paired.ts';
import { studentTail } from '../base/student-t.ts';

/** The numbers of a candidate that a recommendation rests on. */
export interface Contestant {
  readonly name: string;
  /** The mean squared error on scaled values in the test rows, of each seed. */
  readonly errors: readonly number[];
  readonly parameters: number;
  /** Memory of one stream [bytes]. */
  readonly streamBytes: number;
}

/** The best baseline, and whether the chosen network differs from it by more than noise over the test windows. */
export interface BaselineResult {
  readonly name: string;
  readonly error: number;
  readonly verdict: PairedTest['verdict'] | undefined;
}

export interface Recommendation {
  /** The name of a candidate, or of the baseline that is better or as good. */
  choice: string;
  /** How the chosen network compares with the best baseline. */
  against: 'better' | 'noise' | 'worse';
  /** The recommendation in plain words, the most important first. */
  sentences: readonly string[];
}

/** Compares the losses of two candidates by name, over the test windows; undefined with too few windows. */
export type WindowTest = (first: string, second: string) => PairedTest | undefined;

const SIGNIFICANCE = 0.05;
/** A smaller network may have so much more error than the best one, as a share, to be taken in its place. */
const MOST_LOST = 0.05;

/**
 * The candidate to take: of those whose error is at most 5 % above the least, and not clearly so, the one with the
 * least memory a stream, then the fewest parameters. A difference is clear if it is more than noise over the test
 * windows and between seeds (Welch's t test), so that neither other rows nor another seed would turn it round.
 */
export function chooseCandidate(contestants: readonly Contestant[], test: WindowTest): Contestant {
  const lead = leader(contestants);
  const most = (1 + MOST_LOST) * mean(lead.errors);
  const level = contestants.filter(
    (each) => each === lead || (mean(each.errors) <= most && !isClear(lead, each, test)),
  );
  return level.reduce((best, each) => (isSmaller(each, best) ? each : best));
}

/** Puts the comparison into words. `chosen` is that of `chooseCandidate`. */
export function recommend(
  contestants: readonly Contestant[],
  chosen: Contestant,
  test: WindowTest,
  baseline: BaselineResult,
): Recommendation {
  const against = standing(chosen, baseline);
  const others = contestants.filter((each) => each !== chosen);
  const between = others.map((each) => describePair(chosen, each, test));
  const choice = against === 'better' ? chosen.name : baseline.name;
  return { choice, against, sentences: [beside(chosen, baseline, against), ...between] };
}

function leader(contestants: readonly Contestant[]): Contestant {
  return contestants.reduce((best, each) => (mean(each.errors) < mean(best.errors) ? each : best));
}

function isSmaller(one: Contestant, other: Contestant): boolean {
  return (
    one.streamBytes - other.streamBytes < 0 ||
    (one.streamBytes === other.streamBytes && one.parameters < other.parameters)
  );
}

function standing({ errors }: Contestant, { error, verdict }: BaselineResult): Recommendation['against'] {
  if (verdict === 'first' && errors.every((each) => each < error)) return 'better';
  return verdict === 'second' && mean(errors) >= error ? 'worse' : 'noise';
}

function beside(chosen: Contestant, { name, error }: BaselineResult, against: Recommendation['against']): string {
  const own = mean(chosen.errors);
  const numbers = `mean squared error ${own.toPrecision(4)} against ${error.toPrecision(4)}`;
  if (against === 'worse') return `${chosen.name} loses to the baseline ${name} (${numbers}): take ${name}.`;
  if (against === 'noise') {
    return `${chosen.name} is not clearly better than the baseline ${name} (${numbers}): take ${name}, which is simpler.`;
  }
  const gain = error === 0 ? 0 : 100 * (1 - own / error);
  return `Take ${chosen.name}: its error is ${gain.toFixed(1)}% below that of the best baseline, ${name} (${numbers}), with every seed.`;
}

function describePair(chosen: Contestant, other: Contestant, test: WindowTest): string {
  const ratio = mean(other.errors) / mean(chosen.errors) - 1;
  const size = `${Math.abs(100 * ratio).toFixed(1)}%`;
  const how = ratio >= 0 ? `${size} above` : `${size} below`;
  if (isClear(chosen, other, test)) {
    return `${other.name} is clearly worse than ${chosen.name}: its error is ${how}.`;
  }
  const few = Math.min(chosen.errors.length, other.errors.length) < 2 ? ', and one seed cannot tell more' : '';
  const less = chosen.streamBytes < other.streamBytes ? ` ${chosen.name} needs less memory for a stream.` : '';
  return `${other.name} and ${chosen.name} differ by no more than noise (its error is ${how}${few}).${less}`;
}

/** Whether `better` is better than `other` by more than noise. */
function isClear(better: Contestant, other: Contestant, test: WindowTest): boolean {
  return test(better.name, other.name)?.verdict === 'first' && welch(better.errors, other.errors) < SIGNIFICANCE;
}

/** The p of Welch's t test (Biometrika 34, 1947); 1 if a list has fewer than two values. */
function welch(first: readonly number[], second: readonly number[]): number {
  if (first.length < 2 || second.length < 2) return 1;
  const difference = mean(first) - mean(second);
  if (difference === 0) return 1;
  const [a, b] = [first, second].map((each) => variance(each) / each.length) as [number, number];
  if (a + b === 0) return 0;
  const freedom = (a + b) ** 2 / (a ** 2 / (first.length - 1) + b ** 2 / (second.length - 1));
  return 2 * studentTail(Math.abs(difference) / Math.sqrt(a + b), freedom);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** With n - 1 below; 0 for one value. */
export function variance(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}
