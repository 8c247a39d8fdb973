import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ZoneClock } from '../../lib/reading/zone-clock.ts';
import { wallClock } from '../support/wall-clock.ts';

const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Asia/Kolkata',
  'America/St_Johns',
  'Pacific/Apia',
  'UTC',
];

describe('ZoneClock', () => {
  test.each(zones)('%s: the inverse of Intl for any instant', (zone) => {
    const second = fc.integer({ min: Date.UTC(1975, 0, 1) / 1000, max: Date.UTC(2036, 0, 1) / 1000 });
    fc.assert(
      fc.property(second, (at) => {
        const local = wallClock(at * 1000, zone);
        const read = new ZoneClock(zone).toUtc(local);
        expect(wallClock(read, zone)).toBe(local);
        expect(Math.abs(read - at * 1000)).toBeLessThanOrEqual(3_600_000); // the other pass of a repeated hour
      }),
      { numRuns: 300 },
    );
  });

  test.each([5, 15, 30, 60])('rows every %i minutes across both changes of a year, and newest first', (minutes) => {
    for (const zone of ['Europe/Berlin', 'America/New_York', 'Australia/Sydney']) {
      for (const [month, day] of [
        [2, 9],
        [2, 30],
        [3, 5],
        [9, 4],
        [9, 26],
        [10, 1],
      ] as const) {
        const utc = Array.from(
          { length: (72 * 60) / minutes },
          (_, i) => Date.UTC(2024, month, day) + i * minutes * 60_000,
        );
        const local = utc.map((at) => wallClock(at, zone));
        const clock = new ZoneClock(zone);
        expect(local.map((at) => clock.toUtc(at))).toEqual(utc);
        const back = new ZoneClock(zone, { descending: true });
        expect(local.toReversed().map((at) => back.toUtc(at))).toEqual(utc.toReversed());
        expect(clock.shifted).toBe(0);
      }
    }
  });

  test('duplicates and rows a little late keep to their pass', () => {
    const clock = new ZoneClock('Europe/Berlin');
    const times = [
      [2, 10],
      [2, 10],
      [2, 12],
      [2, 11],
      [2, 59],
      [2, 0],
      [2, 0],
      [2, 1],
    ] as const;
    const hours = times.map(([hour, minute]) =>
      new Date(clock.toUtc(Date.UTC(2024, 9, 27, hour, minute))).toISOString().slice(11, 16),
    );
    expect(hours).toEqual(['00:10', '00:10', '00:12', '00:11', '00:59', '01:00', '01:00', '01:01']);
  });

  test('the hour that spring leaves out is read as if the clock had not been moved', () => {
    const clock = new ZoneClock('Europe/Berlin');
    expect(clock.toUtc(Date.UTC(2024, 2, 31, 2, 30))).toBe(Date.UTC(2024, 2, 31, 1, 30)); // 03:30 summer time
    expect(clock.shifted).toBe(1);
    expect(clock.toUtc(Number.NaN)).toBeNaN();
  });
});
