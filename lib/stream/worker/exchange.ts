/** Positions of the control words. */
const SENT = 0;
const ANSWERED = 1;
const BELL = 2;
const CONTROL_BYTES = 64; // a cache line of their own

/**
 * Offsets of a request: the sample's time, when it arrived (NaN if it does not say), how many invalid samples were left
 * out so far, and its values.
 */
export const REQUEST = { at: 0, arrivedAt: 1, invalid: 2, values: 3 } as const;
/**
 * Offsets of an answer: whether there is a forecast, its time as above, whether it is ready and a correction, how many
 * samples were left out for the four reasons of `Skipped`, and the forecast.
 */
export const ANSWER = { given: 0, at: 1, ready: 2, correction: 3, skipped: 4, numbers: 8 } as const;

export interface ExchangeSizes {
  /** How many requests may be under way at once. */
  readonly slots: number;
  /** How many values a sample has. */
  readonly values: number;
  /** How many numbers a forecast has, including those of its trust. */
  readonly numbers: number;
}

/**
 * Memory that two threads share: a ring of slots, each with room for a request and its answer. One thread sends
 * requests and takes answers, the other answers them in order. There are never more under way than there are slots, so
 * answers always have room. Requests are numbered from 0; the lower 32 bits of the numbers are shared.
 */
export class Exchange {
  readonly sizes: ExchangeSizes;
  readonly memory: SharedArrayBuffer;
  readonly #control: Int32Array;
  readonly #requests: readonly Float64Array[];
  readonly #answers: readonly Float64Array[];

  /** If `memory` is given, this is the other thread's side. */
  constructor(sizes: ExchangeSizes, memory?: SharedArrayBuffer) {
    const requestLength = REQUEST.values + sizes.values;
    const slotLength = requestLength + ANSWER.numbers + sizes.numbers;
    this.sizes = sizes;
    this.memory = memory ?? new SharedArrayBuffer(CONTROL_BYTES + 8 * slotLength * sizes.slots);
    this.#control = new Int32Array(this.memory, 0, CONTROL_BYTES / 4);
    const part = (slot: number, from: number, to: number) =>
      new Float64Array(this.memory, CONTROL_BYTES + 8 * (slotLength * slot + from), to - from);
    const slots = Array.from({ length: sizes.slots }, (_, slot) => slot);
    this.#requests = slots.map((slot) => part(slot, 0, requestLength));
    this.#answers = slots.map((slot) => part(slot, requestLength, slotLength));
  }

  request(number: number): Float64Array {
    return this.#requests[number % this.sizes.slots]!;
  }

  answer(number: number): Float64Array {
    return this.#answers[number % this.sizes.slots]!;
  }

  /** Announces the requests below `number`. */
  sendBelow(number: number): void {
    Atomics.store(this.#control, SENT, number | 0);
    Atomics.notify(this.#control, SENT, 1);
  }

  /** Blocks this thread until the request of this number has come; all below it must have been answered. */
  awaitRequest(number: number): void {
    while (Atomics.load(this.#control, SENT) === (number | 0)) Atomics.wait(this.#control, SENT, number | 0);
  }

  /** Announces the answers to requests below `number`; true if the other thread must be woken by a message. */
  answerBelow(number: number): boolean {
    Atomics.store(this.#control, ANSWERED, number | 0);
    return Atomics.exchange(this.#control, BELL, 1) === 0;
  }

  /** Call before looking for answers: an answer that comes later rings the bell again. */
  silenceBell(): void {
    Atomics.store(this.#control, BELL, 0);
  }

  /** Whether the request of this number is answered; all answers below it must have been taken. */
  isAnswered(number: number): boolean {
    return Atomics.load(this.#control, ANSWERED) !== (number | 0);
  }
}
