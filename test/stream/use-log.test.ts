import { describe, expect, it } from 'vitest';
import { UseLog } from '../../lib/stream/fleet/use-log.ts';

/** The same by a Map, which keeps the order of insertion. */
class ByMap {
  readonly #times = new Map<number, number>();

  add(stream: number, time: number): void {
    this.#times.delete(stream);
    this.#times.set(stream, time);
  }

  delete(stream: number): void {
    this.#times.delete(stream);
  }

  oldest(): { stream: number; time: number } | undefined {
    for (const [stream, time] of this.#times) return { stream, time };
    return undefined;
  }
}

describe('the log of uses', () => {
  it('names the stream not used for longest, through repeats, deletions and growth', () => {
    let seed = 1;
    const below = (end: number) => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return Math.floor((seed / 2 ** 32) * end);
    };
    let room = 1;
    const log = new UseLog(room);
    const wanted = new ByMap();
    for (let time = 0; time < 20_000; time++) {
      if (time % 2000 === 1999) {
        room *= 2;
        log.grow(room);
      }
      const stream = below(room);
      if (below(4) === 0) {
        log.delete(stream);
        wanted.delete(stream);
      } else {
        log.add(stream, time);
        wanted.add(stream, time);
      }
      if (below(3) === 0) expect(log.oldest()).toEqual(wanted.oldest());
    }
  });

  it('goes on for ever with a stream that alone is used', () => {
    const log = new UseLog(2);
    log.add(1, 5);
    for (let time = 6; time < 100; time++) log.add(0, time);
    expect(log.oldest()).toEqual({ stream: 1, time: 5 });
    log.delete(1);
    expect(log.oldest()).toEqual({ stream: 0, time: 99 });
    log.delete(0);
    expect(log.oldest()).toBeUndefined();
  });
});
