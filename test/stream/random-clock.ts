import fc from 'fast-check';

/** What a clock does to the stamps of some samples in a row. */
export interface ClockFault {
  readonly kind: string;
  /** Samples. */
  readonly length: number;
  /** The stamp of a sample [ms], by its true time, its number within the fault and a chance in [0, 1) of its own. */
  readonly stamp: (time: number, i: number, chance: number) => number;
  /** Intervals of silence before it. */
  readonly silence: number;
}

const YEAR = 365 * 86_400_000;

/**
 * Faults of a clock whose samples come every `interval` ms, around the `resetAfter` and the `lateness` of a stream
 * [intervals].
 */
export function clockFaults(interval: number, resetAfter: number, lateness: number): fc.Arbitrary<ClockFault[]> {
  const jump = fc.oneof(
    fc.integer({ min: -2 * resetAfter, max: 2 * resetAfter }).map((steps) => steps * interval),
    fc.integer({ min: -lateness - 3, max: lateness + 3 }).map((steps) => steps * interval),
    fc.double({ min: -3 * resetAfter, max: 3 * resetAfter, noNaN: true }).map((steps) => steps * interval),
    fc.constantFrom(3_600_000, -3_600_000, YEAR, -YEAR, 12 * YEAR, -12 * YEAR),
  );
  const kinds: fc.Arbitrary<Pick<ClockFault, 'kind' | 'stamp'>> = fc.oneof(
    { weight: 4, arbitrary: jump.map((by) => ({ kind: `off by ${by} ms`, stamp: (time: number) => time + by })) },
    fc.constant({ kind: 'right', stamp: (time: number) => time }),
    fc.constantFrom(1e-3, 1e3, 1e-3 / 60, 1e6).map((unit) => ({
      kind: `in units of ${1 / unit} ms`,
      stamp: (time: number) => Math.min(time * unit, 8.64e15),
    })),
    fc.double({ min: 0.5, max: 2, noNaN: true }).map((rate) => ({
      kind: `running ${rate} times as fast`,
      stamp: (time: number, i: number) => time + i * (rate - 1) * interval,
    })),
    fc.tuple(jump, fc.integer({ min: 1, max: 12 })).map(([by, burst]) => ({
      kind: `off by ${by} ms to and fro in bursts of ${burst}`,
      stamp: (time: number, i: number) => time + (Math.floor(i / burst) % 2 ? by : 0),
    })),
    jump.map((by) => ({
      kind: `frozen, off by ${by} ms`,
      stamp: (time: number, i: number) => time - i * interval + by,
    })),
    jump.map((by) => ({
      kind: `anywhere within ${by} ms`,
      stamp: (time: number, _: number, chance: number) => time + by * chance,
    })),
    jump.map((by) => ({
      kind: `running backwards, off by ${by} ms`,
      stamp: (time: number, i: number) => time - 2 * i * interval + by,
    })),
    fc.constant({ kind: 'back to 1970', stamp: (_: number, i: number) => i * interval }),
    fc.integer({ min: 2, max: 40 }).map((behind) => ({
      kind: `a backlog of ${behind} intervals`,
      stamp: (time: number, i: number) => time - (i > 1 ? behind : 0) * interval,
    })),
  );
  const fault = fc
    .tuple(
      kinds,
      fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 100, max: 150 })),
      fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 3 * resetAfter })),
    )
    .map(([kind, length, silence]) => ({ ...kind, length, silence }));
  return fc.array(fault, { minLength: 1, maxLength: 6 });
}

/** The stamps of a stream whose clock does all of this [ms]; then it is right again, for `after` samples. */
export function stampsOf(faults: readonly ClockFault[], start: number, interval: number, after: number): number[] {
  const stamps: number[] = [];
  let step = 0;
  for (const { stamp, length, silence } of faults) {
    step += silence;
    for (let i = 0; i < length; i++, step++) {
      const chance = (Math.imul(step + 1, 0x9e3779b1) >>> 0) / 2 ** 32;
      stamps.push(Math.max(-8.64e15, Math.min(8.64e15, stamp(start + step * interval, i, chance))));
    }
  }
  for (let i = 0; i < after; i++, step++) stamps.push(start + step * interval);
  return stamps;
}
