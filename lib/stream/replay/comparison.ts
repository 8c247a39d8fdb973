import type { Skipped } from '../../model/skipped.ts';
import type { LiveForecast } from '../../online/live-forecast.ts';

/** One difference between a recorded forecast and the recomputed one. */
export interface Difference {
  /** The forecast's number in the recording, from 1. */
  readonly number: number;
  readonly key: string | undefined;
  /** Time of its sample [ms since the epoch]. */
  readonly at: number | undefined;
  /** What differs: 'forecast' if one side has none, 'shape' for other targets, steps or levels. */
  readonly what: 'forecast' | 'shape' | 'at' | 'kind' | 'ready' | 'skipped' | 'number';
  /**
   * If a number differs: its target, how many steps ahead from 1, and its level of the quantiles; no level for the
   * mean.
   */
  readonly target?: string;
  readonly step?: number;
  readonly level?: number | undefined;
  /** Of a number of a distribution: the name of the parameter. */
  readonly parameter?: string | undefined;
  readonly recorded: unknown;
  readonly computed: unknown;
  /** How many numbers of this forecast differ. */
  readonly differing: number;
}

/** Recorded forecasts compared with recomputed ones. */
export interface Comparison {
  readonly compared: number;
  /** How many of those differ in any bit. */
  readonly different: number;
  readonly first: Difference | undefined;
}

interface Side {
  readonly number: number;
  readonly forecast: LiveForecast;
}

/** Compares the n-th recorded forecast of a key with the n-th recomputed one, whichever comes first. */
export class ForecastComparison implements Comparison {
  compared = 0;
  different = 0;
  first: Difference | undefined;
  #recorded = 0;
  /** Per key, the forecasts that wait for their counterparts, all of one side. */
  readonly #waiting = new Map<string | undefined, { side: 'recorded' | 'computed'; queue: Side[] }>();

  recorded(forecast: LiveForecast, key: string | undefined): void {
    this.#recorded++;
    this.#add('recorded', { number: this.#recorded, forecast }, key);
  }

  computed(forecast: LiveForecast, key: string | undefined): void {
    this.#add('computed', { number: this.#recorded + 1, forecast }, key);
  }

  /**
   * Forecasts still waiting have no counterpart: a recorded one was not recomputed. A recomputed one was not recorded,
   * unless the recording stopped before it could be.
   */
  end(complete: boolean): void {
    for (const [key, { side, queue }] of this.#waiting) {
      if (side === 'computed' && !complete) continue;
      for (const { number, forecast } of queue) {
        this.compared++;
        const [recorded, computed] = side === 'recorded' ? ['one', 'none'] : ['none', 'one'];
        this.#differ({ number, key, at: forecast.at, what: 'forecast', recorded, computed, differing: 0 });
      }
    }
    this.#waiting.clear();
  }

  #add(side: 'recorded' | 'computed', one: Side, key: string | undefined): void {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) {
      this.#waiting.set(key, { side, queue: [one] });
    } else if (waiting.side === side) {
      waiting.queue.push(one);
    } else {
      const other = waiting.queue.shift()!;
      if (waiting.queue.length === 0) this.#waiting.delete(key);
      const [recorded, computed] = side === 'recorded' ? [one, other] : [other, one];
      this.compared++;
      this.#compare(recorded, computed.forecast, key);
    }
  }

  #compare({ number, forecast: recorded }: Side, computed: LiveForecast, key: string | undefined): void {
    const where = { number, key, at: recorded.at };
    if (!sameShape(recorded, computed)) {
      this.#differ({ ...where, what: 'shape', recorded: shape(recorded), computed: shape(computed), differing: 0 });
      return;
    }
    let differing = 0;
    let first = -1;
    for (let i = recorded.numbers.length - 1; i >= 0; i--) {
      if (Object.is(recorded.numbers[i], computed.numbers[i])) continue;
      differing++;
      first = i;
    }
    const what =
      (['at', 'kind', 'ready'] as const).find((name) => !Object.is(recorded[name], computed[name])) ??
      (sameSkipped(recorded.skipped, computed.skipped) ? undefined : 'skipped');
    if (what !== undefined) {
      this.#differ({ ...where, what, recorded: recorded[what], computed: computed[what], differing });
    } else if (differing > 0) {
      const [a, b] = [recorded.numbers[first], computed.numbers[first]];
      this.#differ({ ...where, what: 'number', ...place(recorded, first), recorded: a, computed: b, differing });
    }
  }

  #differ(difference: Difference): void {
    this.different++;
    this.first ??= difference;
  }
}

function sameSkipped(a: Skipped, b: Skipped): boolean {
  return (['invalid', 'duplicate', 'late', 'unbelieved'] as const).every((reason) => a[reason] === b[reason]);
}

/** What stands at a place of the numbers, [1 + levels + beside][targets][horizon]. */
function place(forecast: LiveForecast, index: number) {
  const { targets, horizon, levels } = forecast;
  const row = Math.floor(index / horizon);
  const part = Math.floor(row / targets.length);
  const parameter = forecast.beside[part - 1 - levels.length];
  return {
    target: targets[row % targets.length]!,
    step: 1 + (index % horizon),
    level: levels[part - 1],
    ...(parameter && { parameter }),
  };
}

function shape(forecast: LiveForecast): string {
  const { targets, horizon, levels } = forecast;
  const beside = forecast.beside;
  return JSON.stringify({ targets, horizon, levels, ...(beside.length > 0 && { beside }) });
}

function sameShape(a: LiveForecast, b: LiveForecast): boolean {
  return (
    a.horizon === b.horizon &&
    a.numbers.length === b.numbers.length &&
    sameList(a.targets, b.targets) &&
    sameList(a.levels, b.levels)
  );
}

function sameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}
