import { Zone } from '../../base/zone.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const YEAR = 365.2425 * DAY;
/** The first Monday of 1970. */
const MONDAY = 4 * DAY;

/** Inputs that are made from the time of a sample, in a zone. */
export interface CalendarDescription {
  /** IANA name of the time zone: 'Europe/Berlin'. */
  readonly zone: string;
  readonly parts: readonly CalendarPart[];
}

/** A rhythm of the calendar, by name. */
export type CalendarPart = 'minute-of-hour' | 'hour' | 'weekday' | 'day-of-year';

interface Rhythm {
  /** How long it takes [ms]. */
  readonly period: number;
  /** Where in the rhythm a local time [ms since 1970] is: from 0 to below 1. */
  readonly phase: (local: number) => number;
  /** How many sine and cosine pairs describe it: of the period, of half of it and so on. */
  readonly harmonics: number;
}

/** All rhythms. */
export const calendarParts: Readonly<Record<CalendarPart, Rhythm>> = {
  'minute-of-hour': { period: HOUR, phase: (local) => fraction(local / HOUR), harmonics: 1 },
  hour: { period: DAY, phase: (local) => fraction(local / DAY), harmonics: 3 },
  weekday: { period: WEEK, phase: (local) => fraction((local - MONDAY) / WEEK), harmonics: 3 },
  'day-of-year': { period: YEAR, phase: yearPhase, harmonics: 1 },
};

export const calendarPartNames = Object.keys(calendarParts) as CalendarPart[];

/** Gives a sine the variance 1, as a scaled number has. */
const UNIT = Math.SQRT2;

/** The last time that the calendar knows [ms since 1970], near the last of `Date`; the first is as far before 1970. */
export const LAST_TIME = 8.6e15;

/**
 * The calendar inputs of a network: for each rhythm, sines and cosines of the phase of the moment from which a forecast
 * is made. Each step of the horizon has outputs of its own, so the phase of this moment is also that of every step.
 */
export class Calendar {
  /** How many inputs of the network it takes. */
  readonly width: number;
  readonly #zone: Zone;
  readonly #rhythms: readonly Rhythm[];

  /** Throws `invalid-argument` for a zone that this machine does not know. */
  constructor({ zone, parts }: CalendarDescription) {
    this.#zone = Zone.of(zone, 'calendar.zone');
    this.#rhythms = parts.map((part) => calendarParts[part]);
    this.width = calendarWidth(parts);
  }

  /** Writes the inputs for a time [ms since 1970, UTC] into `out[to]` and the places after it. */
  write(at: number, out: Float32Array, to: number): void {
    const local = at + this.#zone.offset(at);
    let place = to;
    for (const { phase, harmonics } of this.#rhythms) {
      const angle = 2 * Math.PI * phase(local);
      for (let k = 1; k <= harmonics; k++) {
        out[place++] = UNIT * Math.sin(k * angle);
        out[place++] = UNIT * Math.cos(k * angle);
      }
    }
  }
}

/** How many inputs of the network these rhythms take. */
export function calendarWidth(parts: readonly CalendarPart[]): number {
  return parts.reduce((sum, part) => sum + 2 * calendarParts[part].harmonics, 0);
}

function fraction(value: number): number {
  return value - Math.floor(value);
}

/** Every year goes around once, whether it has a leap day or not. */
function yearPhase(local: number): number {
  const year = new Date(local).getUTCFullYear();
  const [start, end] = [startOf(year), startOf(year + 1)];
  return (local - start) / (end - start);
}

function startOf(year: number): number {
  return new Date(0).setUTCFullYear(year, 0, 1); // Date.UTC would read the years 0 to 99 as 1900 to 1999
}
