import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDescription } from '../../lib/model/description.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { Encoder } from '../../lib/model/inputs/encoder.ts';
import { isWordNumber, wordNumber } from '../../lib/model/inputs/word.ts';
import { RecurrentNetwork } from '../../lib/network/recurrent-network.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { describeModel, makeModel, partsFor } from '../support/models.ts';

const HOUR = 3_600_000;
const wind = { name: 'wind', words: ['E', 'N', 'W'], shares: [0.5, 0.3, 0.2] };
const inputs = [wind, { name: 'temperature' }];
const calendar = { zone: 'Europe/Berlin', parts: ['hour', 'weekday'] } as const;
const rich = () => makeModel({ inputs, calendar, network: { inputSize: 3 + 1 + 6 + 6 } });
const coded = makeModel({ inputs, network: { inputSize: 4 } });

/** What the network has to see, by the formulas of docs/training.md. */
function seen(word: string | null, temperature: number): number[] {
  const std = Math.sqrt(1 - (0.25 + 0.09 + 0.04));
  const place = wind.words.indexOf(word ?? '');
  const category = place < 0 ? [0, 0, 0] : wind.shares.map((share, i) => ((i === place ? 1 : 0) - share) / std);
  return [...category, (temperature - 20) / 1.5];
}

function answers(model: Forecaster, rows: readonly (readonly number[])[]): number[][] {
  const { network } = model.description;
  const plain = new RecurrentNetwork(network);
  plain.loadStateDict(model.weights());
  const state = plain.createState();
  return rows.map((row) => [...state.step(Float32Array.from(row))]);
}

describe('a category', () => {
  const words = ['N', 'storm', 'W', null, 'E', '', 'N'];

  test('is an embedding; an unseen or missing word is the mean of all', () => {
    const state = coded.createState();
    const given = words.map((word, i) => state.step({ values: { wind: word!, temperature: 20 + i } })!);
    const outputs = answers(
      coded,
      words.map((word, i) => seen(word, 20 + i)),
    );
    const { levels, horizon } = coded.description;
    given.forEach((forecast, i) => {
      for (const [q, level] of levels.entries()) {
        for (let h = 0; h < horizon; h++) {
          const own = outputs[i]!.slice(h * levels.length, (h + 1) * levels.length).sort((a, b) => a - b);
          expect(forecast.quantiles[level]![h]).toBeCloseTo(20 + i + 1.5 * own[q]!, 4);
        }
      }
    });
  });

  test('the weighted mean of its codes is the code of an unseen word', () => {
    const encoder = new Encoder({ inputs, targets: [] }, { mean: Float64Array.of(0, 0), std: Float64Array.of(1, 1) });
    const of = (word: string) => {
      const out = new Float32Array(4);
      encoder.write(Float64Array.of(wordNumber(word), 0), 0, Number.NaN, out, 0);
      return out;
    };
    expect([...of('storm')]).toEqual([0, 0, 0, 0]);
    const sum = [0, 1, 2].map((i) => wind.words.reduce((total, word, w) => total + wind.shares[w]! * of(word)[i]!, 0));
    for (const value of sum) expect(value).toBeCloseTo(0, 6);
    const spread = wind.words.reduce((total, word, w) => {
      return total + wind.shares[w]! * of(word).reduce((square, value) => square + value * value, 0);
    }, 0);
    expect(spread).toBeCloseTo(1, 6); // as much as one number
  });

  test('takes words in lists and by name, and no numbers', () => {
    const [list, named] = [coded.createState({ onInvalid: 'error' }), coded.createState({ onInvalid: 'error' })];
    expect(list.step(['N', 20])!.numbers).toEqual(named.step({ values: { temperature: 20, wind: 'N' } })!.numbers);
    const number = gatecastError('invalid-sample', /^Expected a word for wind but received 3\.$/);
    expect(() => list.step([3, 20])).toThrow(number);
    expect(() => list.step([true, 20])).toThrow(gatecastError('invalid-sample', /^Expected a word for wind/));
    const absent = gatecastError(
      'invalid-sample',
      /^Expected a finite number for wind but received undefined\. .*"Wind"/,
    );
    expect(() => list.step({ values: { temperature: 20, Wind: 'N' } })).toThrow(absent);
    const text = gatecastError('invalid-sample', /^Expected a finite number for temperature but received "20"\.$/);
    expect(() => list.step(['N', '20'])).toThrow(text);
    expect(list.step(['N', true])!.numbers).toEqual(named.step(['N', 1])!.numbers);
  });

  test('words are told apart by numbers that no measurement has', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(isWordNumber(wordNumber(a))).toBe(true);
        expect(wordNumber(a) === wordNumber(b)).toBe(a === b);
      }),
    );
    expect([0, -1e300, 1e301, Number.NaN, -Infinity, -Number.MAX_VALUE].some(isWordNumber)).toBe(false);
    const many = new Set(Array.from({ length: 100_000 }, (_, i) => wordNumber(`sensor ${i}`)));
    expect(many.size).toBe(100_000);
  });
});

describe('a calendar', () => {
  test('gives the phases of the local time', () => {
    const parts = ['minute-of-hour', 'hour', 'weekday', 'day-of-year'] as const;
    const encoder = new Encoder(
      { inputs: [], targets: [], calendar: { zone: 'Europe/Berlin', parts } },
      { mean: new Float64Array(0), std: new Float64Array(0) },
    );
    const phases = (at: number) => {
      const out = new Float32Array(encoder.width);
      encoder.write(new Float64Array(0), 0, at, out, 0);
      const pairs = Array.from({ length: encoder.width / 2 }, (_, i) => Math.atan2(out[2 * i]!, out[2 * i + 1]!));
      for (let i = 0; i < out.length; i += 2) expect(Math.hypot(out[i]!, out[i + 1]!)).toBeCloseTo(Math.SQRT2, 6);
      const [minute, hour, , , week, , , year] = pairs.map((angle) => (angle / (2 * Math.PI) + 1) % 1);
      return [minute! * 60, hour! * 24, week! * 7, year! * 365];
    };
    const close = (at: number, expected: number[]) =>
      phases(at).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 3));
    // Wednesday 1 July 2026, 06:15 in Berlin: day 181 of 365, counted from 0
    close(Date.UTC(2026, 6, 1, 4, 15), [15, 6.25, 2 + 6.25 / 24, 181 + 6.25 / 24]);
    // Monday 5 January 2026, 00:30 in Berlin is Sunday in UTC
    close(Date.UTC(2026, 0, 4, 23, 30), [30, 0.5, 0.5 / 24, 4 + 0.5 / 24]);
    // the hour that is skipped in spring: 01:30, then 03:30
    close(Date.UTC(2026, 2, 29, 1, 30), [30, 3.5, 6 + 3.5 / 24, 87 + 3.5 / 24]);
  });

  test('needs the time of each sample', () => {
    const state = rich().createState({ onInvalid: 'error' });
    const untimed = gatecastError(
      'invalid-sample',
      /^Expected a time, which this model reads, for the time of a sample but received undefined\.$/,
    );
    expect(() => state.step(['N', 20])).toThrow(untimed);
    expect(() => state.step({ at: 1e300, values: ['N', 20] })).toThrow(gatecastError('invalid-sample', /1e\+300/));
    expect(state.samples).toBe(0);
    expect(state.step({ at: 0, values: ['N', 20] })!.mean.every(Number.isFinite)).toBe(true);
    expect(() => state.step(['N', 20])).toThrow(untimed);
    expect(state.step(['N', 20], HOUR)!.at).toBe(HOUR);
  });

  test('makes the forecast depend on the time of day alone', () => {
    const model = rich();
    const at = Date.UTC(2026, 0, 5, 8);
    const said = (time: number) => model.createState().step({ at: time, values: ['N', 20] })!.numbers;
    expect(said(at)).not.toEqual(said(at + HOUR));
    expect(said(at)).toEqual(said(at + 7 * 24 * HOUR));
  });
});

describe('the description', () => {
  const wrong = (changes: object, message: RegExp) =>
    expect(() => parseDescription(describeModel(changes))).toThrow(gatecastError('invalid-argument', message));

  test('is written to the file and counts in the fingerprint', () => {
    const model = rich();
    const same = Forecaster.fromBytes(model.toBytes());
    expect(same.description).toEqual(model.description);
    expect(same.fingerprint).toBe(model.fingerprint);
    const others = [
      { inputs: [{ ...wind, words: ['E', 'N', 'S'] }, inputs[1]!] },
      { inputs: [{ ...wind, shares: [0.4, 0.4, 0.2] }, inputs[1]!] },
      { calendar: { ...calendar, zone: 'Europe/London' } },
      { calendar: { zone: 'Europe/Berlin', parts: ['weekday', 'hour'] as const } },
    ];
    for (const change of others) {
      const description = describeModel({ inputs, calendar, network: { inputSize: 16 }, ...change });
      expect(Forecaster.from(partsFor(description)).fingerprint).not.toBe(model.fingerprint);
    }
  });

  test('is checked', () => {
    const of = (change: object) => ({ inputs: [{ ...wind, ...change }, inputs[1]!], network: { inputSize: 4 } });
    wrong(of({ words: ['E', 'E', 'W'] }), /^Expected different words for description\.inputs\[0\]\.words/);
    wrong(of({ shares: [0.5, 0.5] }), /^Expected as many shares as words for description\.inputs\[0\]\.shares/);
    wrong(of({ words: undefined }), /^Expected as many shares as words/);
    wrong(of({ shares: [0.5, 0.5, 0.5] }), /^Expected at most 1 in all for description\.inputs\[0\]\.shares/);
    wrong({ ...of({}), network: { inputSize: 2 } }, /^Expected 4 for description\.network\.inputSize but received 2/);
    wrong({ ...of({}), targets: ['wind'] }, /^Expected inputs of numbers for description\.targets but received "wind"/);
    wrong({ calendar: { ...calendar, zone: 'Nowhere' } }, /^Expected a time zone such as Europe\/Berlin/);
    wrong({ calendar: { ...calendar, parts: ['hour', 'hour'] } }, /^Expected different parts/);
    wrong({ calendar: { ...calendar, parts: ['month'] } }, /^Expected 'minute-of-hour' or 'hour' or/);
  });
});
