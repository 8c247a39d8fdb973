import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../lib/control/clock.ts';
import { SharedRing } from '../../lib/control/native-loop/shared-ring.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const AT = systemClock.now();
/** Times pass through the steady clock, in s. */
const near = (ms: number) => expect.closeTo(ms, 2);

test('rows are taken in order, or the newest, each once', () => {
  const ring = new SharedRing({ width: 2, capacity: 8 });
  expect(ring.take()).toBeUndefined();
  for (let n = 1; n <= 5; n++) ring.push({ at: AT + n, values: [n, -n] });
  expect(ring.take()).toEqual({ at: near(AT + 1), values: Float64Array.of(1, -1) });
  expect(ring.take()?.values).toEqual(Float64Array.of(2, -2));
  expect(ring.takeNewest()).toEqual({ at: near(AT + 5), values: Float64Array.of(5, -5) });
  expect([ring.take(), ring.takeNewest(), ring.lost]).toEqual([undefined, undefined, 0]);
});

test('where it is full, the oldest row makes room and is counted', () => {
  const ring = new SharedRing({ width: 1, capacity: 3 }); // rounded up to 4
  for (let n = 1; n <= 10; n++) ring.push({ at: AT, values: [n] });
  expect([ring.capacity, ring.lost]).toEqual([4, 6]);
  const left = Array.from({ length: 5 }, () => ring.take()?.values[0]);
  expect(left).toEqual([7, 8, 9, 10, undefined]);
});

test('the other side is made of its buffer', () => {
  const ring = new SharedRing({ width: 3 });
  const other = new SharedRing(ring.buffer);
  other.push({ at: AT, values: Float32Array.of(1, 2, 3) });
  expect([other.width, other.capacity]).toEqual([3, 64]);
  expect(ring.take()?.values).toEqual(Float64Array.of(1, 2, 3));
});

test('indices go on past 2^32, and what others write into them does no harm', () => {
  const ring = new SharedRing({ width: 1, capacity: 2 });
  const words = new Int32Array(ring.buffer);
  words[16] = words[32] = -2;
  for (let n = 0; n < 5; n++) {
    ring.push({ at: AT, values: [n] });
    expect(ring.take()?.values[0]).toBe(n);
  }
  for (const tail of [0, 7, -(2 ** 31), -1]) {
    words[32] = tail;
    ring.take();
    ring.push({ at: AT, values: [42] });
    expect(ring.takeNewest()?.values[0]).toBe(42);
  }
});

test('nothing is torn and nothing comes twice, however fast another thread gives', async () => {
  const ring = new SharedRing({ width: 16, capacity: 2 });
  const program = `
    const { workerData } = require('node:worker_threads');
    import(workerData.module).then(({ SharedRing }) => {
      const ring = new SharedRing(workerData.buffer);
      const values = new Float64Array(16);
      for (let n = 1; n <= 300000; n++) ring.push({ at: n, values: values.fill(n) });
    });`;
  const module = new URL('../../dist/control.js', import.meta.url).href;
  const worker = new Worker(program, { eval: true, workerData: { module, buffer: ring.buffer } });
  let [taken, last] = [0, 0];
  const wrong: unknown[] = [];
  while (last < 300_000) {
    for (let look = 0; look < 1000; look++) {
      const row = look % 2 === 0 ? ring.take() : ring.takeNewest();
      if (row === undefined) continue;
      taken++;
      const [first] = row.values;
      if (!row.values.every((value) => value === first) || first! <= last) wrong.push([last, ...row.values]);
      last = first!;
    }
    await new Promise(setImmediate);
  }
  await worker.terminate();
  expect(wrong).toEqual([]);
  expect(taken + ring.lost).toBeLessThanOrEqual(300_000);
  expect(taken).toBeGreaterThan(0);
});

describe('wrong values', () => {
  test('are refused, nothing given', () => {
    const ring = new SharedRing({ width: 2 });
    const cases: [unknown, unknown][] = [
      [{ at: AT, values: [1] }, gatecastError('invalid-shape', /a list of 2 for the values .* array of length 1/)],
      [{ at: AT, values: 'ab' }, gatecastError('invalid-shape')],
      [{ at: AT }, gatecastError('invalid-shape')],
      [undefined, gatecastError('invalid-argument', /\{ at, values \}/)],
      [3, gatecastError('invalid-argument')],
    ];
    for (const [row, error] of cases) expect(() => ring.push(row as never)).toThrow(error);
    expect(ring.take()).toBeUndefined();
  });

  test('of a reading are NaN, for the loop to say', () => {
    const ring = new SharedRing({ width: 2 });
    ring.push({ at: 'now', values: ['1', Number.POSITIVE_INFINITY] } as never);
    expect(ring.take()).toEqual({ at: Number.NaN, values: Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY) });
  });

  test('of options, and what is no ring', () => {
    const bad: [unknown, RegExp][] = [
      [{ width: 0 }, /options\.width/],
      [{ width: 1.5 }, /options\.width/],
      [{ width: 1, capacity: 0 }, /options\.capacity/],
      [{ width: 1, capacty: 2 }, /Did you mean capacity/],
      [{ width: 16_384, capacity: 2 ** 20 }, /memory for a ring/],
      [undefined, /options/],
      [new SharedArrayBuffer(0), /the buffer of a ring/],
      [new SharedArrayBuffer(4096), /the buffer of a ring/],
      [new ArrayBuffer(4096), /options/],
    ];
    for (const [from, message] of bad) {
      expect(() => new SharedRing(from as never)).toThrow(gatecastError('invalid-argument', message));
    }
    const words = new Int32Array(new SharedRing({ width: 1, capacity: 4 }).buffer);
    for (const [word, value] of [
      [0, 1],
      [1, 0],
      [1, 2],
      [1, 2 ** 30],
      [2, 3],
      [2, 8],
      [2, -4],
    ] as const) {
      const copy = new SharedArrayBuffer(words.byteLength);
      const broken = new Int32Array(copy);
      broken.set(words);
      broken[word] = value;
      expect(() => new SharedRing(copy), `word ${word} = ${value}`).toThrow(
        gatecastError('invalid-argument', /the buffer of a ring/),
      );
    }
  });
});
