import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Zone } from '../../lib/base/zone.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { wallClock } from '../support/wall-clock.ts';

/** The offset by the date that a clock of the zone shows, which `Zone` does not ask for. */
const shown = (zone: string, at: number) => wallClock(at, zone) - Math.floor(at / 1000) * 1000;

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Africa/Casablanca'];

describe('a zone', () => {
  test.each(zones)('%s has the offset that its clocks show, in any order of times', (name) => {
    const zone = Zone.of(name);
    const time = fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2035, 0) });
    fc.assert(
      fc.property(fc.array(time, { maxLength: 5 }), (times) => {
        for (const at of times) expect(zone.offset(at)).toBe(shown(name, at));
      }),
      { numRuns: 100 },
    );
  });

  test('changes at the very moment at which clocks are set', () => {
    const zone = Zone.of('Europe/Berlin');
    const [summer, winter] = [Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 9, 25, 1)];
    const hours = (at: number) => zone.offset(at) / 3_600_000;
    expect([summer - 1, summer, winter - 1, winter].map(hours)).toEqual([1, 2, 2, 1]);
    expect([winter, summer, winter - 1, summer - 1].map(hours)).toEqual([1, 2, 2, 1]);
  });

  test('may have minutes and seconds', () => {
    expect(Zone.of('Asia/Kathmandu').offset(Date.UTC(2026, 0)) / 60_000).toBe(345);
    expect(Zone.of('America/St_Johns').offset(Date.UTC(2026, 0)) / 60_000).toBe(-210);
    expect(Zone.of('Europe/Amsterdam').offset(Date.UTC(1900, 0))).toBe(shown('Europe/Amsterdam', Date.UTC(1900, 0)));
  });

  test('is made once, with all that it remembers', () => {
    expect(Zone.of('Europe/Berlin')).toBe(Zone.of('Europe/Berlin'));
  });

  test('must be known', () => {
    const message = /^Expected a time zone such as Europe\/Berlin for options\.zone but received "Mars\/Olympus"\.$/;
    expect(() => Zone.of('Mars/Olympus', 'options.zone')).toThrow(gatecastError('invalid-argument', message));
  });
});
