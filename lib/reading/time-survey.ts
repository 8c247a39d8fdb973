import { describe, expected, GatecastError } from '../base/errors.ts';
import { DAY } from './calendar.ts';
import { DaySet } from './day-set.ts';
import type { Cell } from './number-survey.ts';
import type { TimePattern } from './time-pattern.ts';
import { type DateOrder, ORDERS, TimeScan } from './time-scan.ts';

/** Reads the text of a time: by its looks, or by a format that the user gives. */
export type TimeText = TimeScan | TimePattern;

/**
 * The right order of day and month gives steps between dates that are shorter than those of a wrong one by this factor.
 */
const SHORTER = 5;

/** How a column of text writes times. */
export interface TimeForm {
  /** The order of day, month and year in dates such as 01/02/2026; null if no date leaves it open. */
  order: DateOrder | null;
  /** True if the rows are newest first. */
  descending: boolean;
}

/** What all times of a column of text show of their form, in constant memory. */
export class TimeSurvey {
  count = 0;
  /** The first time. */
  first: Cell | undefined;
  /** How many times have a date, and how many a time of day. */
  dated = 0;
  clocked = 0;
  /** How many times say their zone or their offset from UTC. */
  offsets = 0;
  #open = false;
  /** True as long as dots separate the numbers of every date whose order is open. */
  #dots = true;
  /** The first date of which the orders give different days. */
  #example: Cell | undefined;
  readonly #orders = ORDERS.map((order) => new OrderSurvey(order));
  readonly #scan: TimeText;
  readonly #given: DateOrder | undefined;
  #clock: number | undefined;
  /** True if the dates come at different times of the day. */
  #withinDays = false;

  /** `order`: the user's word on the order of day and month. */
  constructor(scan: TimeText, order?: DateOrder) {
    this.#scan = scan;
    this.#given = order;
  }

  /** True if the times are not all the same. */
  get varies(): boolean {
    return this.#orders.some(({ back, forth }) => back + forth > 0);
  }

  /** False if the field is not a time in any form. */
  add(text: string, line: number): boolean {
    const scan = this.#scan;
    if (!scan.scan(text)) return false;
    if (scan.date === 'numbers') {
      if (!this.#addOpen(scan, text, line)) return false;
    } else {
      const local = scan.local('dmy');
      this.#orders[0]!.step(local);
      if (this.#open) for (let i = 1; i < ORDERS.length; i++) this.#orders[i]!.step(local);
    }
    this.count++;
    this.first ??= { line, text };
    if (scan.date !== 'none') this.dated++;
    if (scan.clocked) this.clocked++;
    if (scan.zone !== '' || !Number.isNaN(scan.offset)) this.offsets++;
    this.#clock ??= scan.clock;
    if (scan.clock !== this.#clock) this.#withinDays = true;
    return true;
  }

  /**
   * The form of the times. Throws `invalid-data` with both readings if dates such as 01/02/2026 leave the order of day
   * and month open, or if no order fits all. `name` and `source` are for the sentence; `others` is the order that other
   * columns prove.
   */
  decide(name: string, source: string, others?: DateOrder): TimeForm {
    const order = this.#open ? this.#order(name, source, others) : null;
    const { back, forth } = this.#orders[order === null ? 0 : ORDERS.indexOf(order)]!;
    return { order, descending: back > forth };
  }

  /** The only order that fits all dates; undefined if several do, or none. */
  get provenOrder(): DateOrder | undefined {
    const fitting = this.#open ? this.#orders.filter(({ misfit }) => misfit === undefined) : [];
    return fitting.length === 1 ? fitting[0]!.order : undefined;
  }

  #addOpen(scan: TimeText, text: string, line: number): boolean {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const order of ORDERS) {
      const day = scan.days(order);
      if (day < least) least = day;
      if (day > most) most = day;
    }
    if (least > most) return false;
    if (least < most) this.#example ??= { line, text };
    this.#open = true;
    if (!scan.dots) this.#dots = false;
    for (const order of this.#orders) order.add(scan, text, line);
    return true;
  }

  #order(name: string, source: string, others?: DateOrder): DateOrder {
    if (this.#given !== undefined) {
      const { misfit } = this.#orders[ORDERS.indexOf(this.#given)]!;
      if (misfit === undefined) return this.#given;
      const where = `${name} in line ${misfit.line} of ${source}`;
      throw new GatecastError('invalid-data', expected(`a date in the order ${this.#given}`, where, misfit.text));
    }
    const fitting = this.#orders.filter(({ misfit }) => misfit === undefined);
    const [first] = fitting;
    if (first === undefined) throw this.#contradiction(name, source);
    if (fitting.length === 1 || this.#example === undefined) return first.order;
    const ranked = fitting.map((order) => ({ order, step: order.longestStep })).sort((a, b) => a.step - b.step);
    const [best, next] = ranked as [(typeof ranked)[0], (typeof ranked)[0]];
    const monthly = !this.#withinDays && next.order.firstOfMonth;
    if (best.step > 0 && next.step >= SHORTER * best.step && !monthly) return best.order.order;
    if (others !== undefined && fitting.some(({ order }) => order === others)) return others;
    if (this.#dots && first.order === 'dmy') return 'dmy';
    throw this.#ambiguity(fitting, this.#example, name, source);
  }

  #contradiction(name: string, source: string): GatecastError {
    const cells = this.#orders.slice(0, 2).flatMap(({ misfit }) => misfit ?? []);
    const [one, other] = cells.sort((a, b) => a.line - b.line) as [Cell, Cell];
    const both = `line ${one.line} of ${source} has ${describe(one.text)} and line ${other.line} has ${describe(other.text)}`;
    const message = `Expected dates in ${name} with one order of day and month but ${both}.`;
    return new GatecastError('invalid-data', message);
  }

  #ambiguity(fitting: readonly OrderSurvey[], { line, text }: Cell, name: string, source: string): GatecastError {
    this.#scan.scan(text);
    const readings = new Map(fitting.map(({ order }) => [printDay(this.#scan.days(order)), order]));
    const days = [...readings.keys()].join(' or ');
    const hints = [...readings.values()].map((order) => `--time-format ${order}`).join(' or ');
    const what = `dates in ${name} that can be read in one way`;
    const found = `${describe(text)} in line ${line} of ${source} is ${days}`;
    return new GatecastError('invalid-data', `Expected ${what} but ${found}. Use ${hints} to say which.`);
  }
}

/** What the dates of a column look like if day, month and year come in one order. */
class OrderSurvey {
  readonly order: DateOrder;
  /** The first date that has no such day. */
  misfit: Cell | undefined;
  /** How many rows are earlier and later than the one before. */
  back = 0;
  forth = 0;
  /** True if all dates are the first day of a month. */
  firstOfMonth = true;
  #days: DaySet | undefined;
  #before = Number.NaN;

  constructor(order: DateOrder) {
    this.order = order;
  }

  get longestStep(): number {
    return this.#days?.longestStep() ?? 0;
  }

  add(scan: TimeText, text: string, line: number): void {
    if (this.misfit) return;
    const day = scan.days(this.order);
    if (Number.isNaN(day)) {
      this.misfit = { line, text };
      this.#days = undefined;
      return;
    }
    this.#days ??= new DaySet();
    this.#days.add(day);
    if (this.firstOfMonth) this.firstOfMonth = new Date(day * DAY).getUTCDate() === 1;
    this.step(day * DAY + scan.clock);
  }

  step(local: number): void {
    if (local < this.#before) this.back++;
    else if (local > this.#before) this.forth++;
    this.#before = local;
  }
}

const dayNames = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

function printDay(day: number): string {
  return dayNames.format(day * DAY);
}
