import { type LateFailure, type OnLateFailure, tellLate, whenSettled, whenStopped } from './late-failures.ts';

type Failure = { readonly error: unknown } | undefined;
type Source = LateFailure['source'];

/** Hands actions to `act`, and knows what becomes of them after that. */
export class Actuators {
  readonly #act: (action: Float64Array) => unknown;
  readonly #most: number;
  readonly #told: OnLateFailure | undefined;
  #pending = 0;
  #ended = false;
  /** What promises have rejected with since somebody asked. */
  #failures: LateFailure[] = [];
  /** Promises where none is expected, that were seen: each is waited for once. */
  readonly #strays = new WeakSet<object>();

  constructor(act: (action: Float64Array) => unknown, most: number, told: OnLateFailure | undefined) {
    this.#act = act;
    this.#most = most;
    this.#told = told;
  }

  /** Whether so many actions are under way that no other may be sent. */
  get full(): boolean {
    return this.#pending >= this.#most;
  }

  /** Sends an action. Throws what `act` throws: it has not taken it. */
  send(action: Float64Array): void {
    const given = this.#act(action.slice());
    const isPromise = whenSettled(given, (failure) => {
      this.#pending--;
      this.#settled('act', failure);
    });
    if (isPromise) this.#pending++;
  }

  /** Sends the last action, however many are under way. Throws what `act` throws. */
  sendLast(action: Float64Array): void {
    this.#ended = true;
    whenStopped(this.#act(action.slice()), (failure) => this.#settled('stop', failure));
  }

  /** What promises have rejected with since the call before. */
  takeFailures(): readonly LateFailure[] {
    const failures = this.#failures;
    if (failures.length > 0) this.#failures = [];
    return failures;
  }

  /**
   * Takes care of what may be a promise, or hold one by that name, where one of the functions should have given a
   * value.
   */
  stray(source: Source, given: unknown, name?: string): void {
    if (typeof given !== 'object' || given === null) return;
    try {
      const isNew = !this.#strays.has(given);
      if (isNew && whenSettled(given, (failure) => this.#settled(source, failure))) this.#strays.add(given);
      if (name !== undefined) this.stray(source, (given as Record<string, unknown>)[name]);
    } catch {} // a getter throws at whoever looks: that is no promise
  }

  /** From now on no cycle comes that could report a failure. Those that none has reported are told. */
  end(): void {
    this.#ended = true;
    for (const failure of this.takeFailures()) tellLate(failure, this.#told);
  }

  #settled(source: Source, failure: Failure): void {
    if (failure === undefined) return;
    if (this.#ended) tellLate({ source, error: failure.error }, this.#told);
    else this.#failures.push({ source, error: failure.error });
  }
}
