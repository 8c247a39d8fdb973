import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Forecast } from '../../lib/model/forecast.ts';
import type { ForecasterState } from '../../lib/model/model-state.ts';
import { StreamClock } from '../../lib/online/time/clock.ts';
import { GapFiller } from '../../lib/online/time/gaps.ts';
import { SampleLog } from '../../lib/online/time/sample-log.ts';
import { makeModel } from '../support/models.ts';

// Rewind and replay by plain means: a fork of the state and a copy of the row for each step within the lateness.

const WINDOW = 6; // steps a sample may be late
const INTERVAL = 1000;
const model = makeModel();
const names = ['pressure', 'temperature'];
const clock = new StreamClock({ interval: INTERVAL, resetAfter: '1h', lateness: WINDOW * INTERVAL });
const log = new SampleLog(names.length, WINDOW + 1);

interface Timed {
  at: number;
  values: readonly number[];
}

/** A stream, and what it was before each of its last steps, newest first. */
class Stream {
  readonly #gaps: GapFiller;
  readonly #clockRow = new Float64Array(clock.size);
  readonly #clockRing = new Float64Array(clock.ringSize);
  readonly #logRow = new Float64Array(log.size);
  readonly #logRing = new Float64Array(log.ringSize);
  readonly #before: { state: ForecasterState; gapsRow: Float64Array; said: Forecast | undefined }[] = [];
  readonly #values = new Float64Array(names.length);
  #state = model.createState();
  #gapsRow: Float64Array;
  said: Forecast | undefined;
  corrections = 0;
  unexpected = 0;

  constructor(fill: 'hold' | 'decay' | 'impute') {
    this.#gaps = new GapFiller({ names, mean: [10, 20], targets: ['temperature'], interval: INTERVAL }, { fill });
    this.#gapsRow = new Float64Array(this.#gaps.size);
    this.#gaps.reset(this.#gapsRow, 0);
    clock.reset(this.#clockRow, 0);
  }

  take({ at, values }: Timed): void {
    const { kind, missing, back } = clock.take(this.#clockRow, 0, this.#clockRing, 0, at);
    if (kind === 'late') {
      this.corrections++;
      log.put(this.#logRow, 0, this.#logRing, 0, back, at, values);
      this.#replay(back);
    } else {
      this.unexpected += Number(kind !== (this.said ? 'next' : 'first'));
      for (let i = missing; i > 0; i--) this.#begin(at - i * INTERVAL);
      this.#begin(at, values);
    }
  }

  #begin(at: number, values?: readonly number[]): void {
    log.push(this.#logRow, 0, this.#logRing, 0, at, values);
    this.#step();
  }

  #step(back = 0): void {
    this.#before.unshift({ state: this.#state.fork(), gapsRow: this.#gapsRow.slice(), said: this.said });
    this.#before.splice(WINDOW + 1);
    const at = log.read(this.#logRow, 0, this.#logRing, 0, back, this.#values);
    const forecast = this.said?.target('temperature').mean.slice(0, 1);
    this.#gaps.complete(this.#gapsRow, 0, this.#values, forecast);
    this.said = this.#state.step(this.#values, Number.isNaN(at) ? undefined : at);
  }

  #replay(back: number): void {
    // before its first sample the stream was as new, so a step before that one begins from there
    const { state, gapsRow, said } = this.#before[Math.min(back, this.#before.length - 1)]!;
    this.#before.splice(0, back + 1);
    this.#state = state;
    this.#gapsRow = gapsRow;
    this.said = said;
    for (let i = back; i >= 0; i--) this.#step(i);
  }
}

test.each(['hold', 'decay', 'impute'] as const)(
  'samples shuffled within the lateness end in the state of sorted ones, to the bit, with gaps filled by %s',
  (fill) => {
    const arrival = fc.record({
      gap: fc.constantFrom(0, 0, 0, 1, 3),
      lag: fc.nat(WINDOW),
      a: fc.double({ min: 8, max: 12, noNaN: true }),
      b: fc.integer({ min: 15, max: 25 }),
    });
    let corrections = 0;
    fc.assert(
      fc.property(fc.array(arrival, { minLength: 2, maxLength: 60 }), (arrivals) => {
        let step = 0;
        const sorted = arrivals.map(({ gap, lag, a, b }) => {
          step += 1 + gap;
          return { at: step * INTERVAL, values: [a, b], comes: step + lag };
        });
        const one = new Stream(fill);
        const other = new Stream(fill);
        sorted.forEach((sample) => one.take(sample));
        sorted.toSorted((a, b) => a.comes - b.comes).forEach((sample) => other.take(sample));
        expect(other.said).toEqual(one.said);
        expect(one).toMatchObject({ corrections: 0, unexpected: 0 });
        expect(other.unexpected).toBe(0);
        corrections += other.corrections;
        // and whatever is still hidden in the states shows in what they say next
        for (let i = 1; i <= 3; i++) {
          const sample = { at: (step + i) * INTERVAL, values: [10 + i, 20 - i] };
          one.take(sample);
          other.take(sample);
          expect(other.said).toEqual(one.said);
        }
      }),
    );
    expect(corrections).toBeGreaterThan(100);
  },
);
