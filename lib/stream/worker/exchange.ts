/** Places of the control words. */
const SENT = 0;
const ANSWERED = 1;
const BELL = 2;
const CONTROL_BYTES = 64; // a cache line of their own

/**
 * Numbers of a request before the values of its sample: its time and when it arrived, NaN where it does not say, and
 * invalid samples left out so far.
 */
export const REQUEST = { at: 0, arrivedAt: 1, invalid: 2, values: 3 } as const;
/**
 * Numbers of an answer before those of its forecast: whether there is one, its time as above, whether it is ready and a
 * correction, samples left out by the four reasons of `Skipped`.
 */
export const ANSWER = { given: 0, at: 1, ready: 2, correction: 3, skipped: 4, numbers: 8 } as const;

export interface ExchangeSizes {
  /** Requests that may be under way at once. */
  readonly slots: number;
  /** Values of a sample. */
  readonly values: number;
  /** Numbers of a forecast, with those of its trust. */
  readonly numbers: number;
}

/**
 * Memory that two threads share: a ring of slots, each with room for a request and its answer. One thread sends
 * requests and takes answers, the other answers them in order; never are more under way than there are slots, so
 * answers always have room. Requests are numbered from 0; of the numbers the last 32 bits are shared.
 */
export class Exchange {
  readonly sizes: ExchangeSizes;
  readonly memory: SharedArrayBuffer;
  readonly #control: Int32Array;
  readonly #requests: readonly Float64Array[];
  readonly #answers: readonly Float64Array[];

  /** The other thread's side, where its memory is given. */
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

  /** Says that the requests below `number` are there. */
  sendBelow(number: number): void {
    Atomics.store(this.#control, SENT, number | 0);
    Atomics.notify(this.#control, SENT, 1);
  }

  /** Blocks this thread until the request of this number is there; those below must have been answered. */
  awaitRequest(number: number): void {
    while (Atomics.load(this.#control, SENT) === (number | 0)) Atomics.wait(this.#control, SENT, number | 0);
  }

  /** Says that the requests below `number` are answered; true when the other thread is to be told, for it may sleep. */
  answerBelow(number: number): boolean {
    Atomics.store(this.#control, ANSWERED, number | 0);
    return Atomics.exchange(this.#control, BELL, 1) === 0;
  }

  /** Says that answers are about to be looked for: one that comes after this rings again. */
  silenceBell(): void {
    Atomics.store(this.#control, BELL, 0);
  }

  /** Whether the request of this number, below which all answers were taken, is answered. */
  isAnswered(number: number): boolean {
    return Atomics.load(this.#control, ANSWERED) !== (number | 0);
  }
}
