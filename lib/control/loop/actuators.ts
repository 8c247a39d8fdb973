import { type LateFailure, type OnLateFailure, reportLate, whenSettled, whenStopped } from '../late-failures.ts';

type Failure = { readonly error: unknown } | undefined;
type Source = LateFailure['source'];

/** Hands actions to `act` and follows the promises that it returns. */
export class Actuators {
  readonly #act: (action: Float64Array) => unknown;
  readonly #most: number;
  readonly #listener: OnLateFailure | undefined;
  #pending = 0;
  #ended = false;
  /** Rejections since the last `takeFailures`. */
  #failures: LateFailure[] = [];
  /** Unexpected promises seen so far: each is followed once. */
  readonly #strays = new WeakSet<object>();

  constructor(act: (action: Float64Array) => unknown, most: number, listener: OnLateFailure | undefined) {
    this.#act = act;
    this.#most = most;
    this.#listener = listener;
  }

  /** Whether the limit of pending actions is reached. */
  get full(): boolean {
    return this.#pending >= this.#most;
  }

  /** Sends an action. If `act` throws, so does this, and the action was not taken. */
  send(action: Float64Array): void {
    const given = this.#act(action.slice());
    const isPromise = whenSettled(given, (failure) => {
      this.#pending--;
      this.#settled('act', failure);
    });
    if (isPromise) this.#pending++;
  }

  /** Sends the last action, however many are pending. Throws what `act` throws. */
  sendLast(action: Float64Array): void {
    this.#ended = true;
    whenStopped(this.#act(action.slice()), (failure) => this.#settled('stop', failure));
  }

  /** Rejections since the previous call. */
  takeFailures(): readonly LateFailure[] {
    const failures = this.#failures;
    if (failures.length > 0) this.#failures = [];
    return failures;
  }

  /** Follows a promise that a function of the options returned in place of a value, or in the field `name` of one. */
  stray(source: Source, given: unknown, name?: string): void {
    if (typeof given !== 'object' || given === null) return;
    try {
      const isNew = !this.#strays.has(given);
      if (isNew && whenSettled(given, (failure) => this.#settled(source, failure))) this.#strays.add(given);
      if (name !== undefined) this.stray(source, (given as Record<string, unknown>)[name]);
    } catch {} // a getter that throws: not a promise
  }

  /** From now on no cycle can report a failure: unreported and later ones go to `onLateFailure`. */
  end(): void {
    this.#ended = true;
    for (const failure of this.takeFailures()) reportLate(failure, this.#listener);
  }

  #settled(source: Source, failure: Failure): void {
    if (failure === undefined) return;
    if (this.#ended) reportLate({ source, error: failure.error }, this.#listener);
    else this.#failures.push({ source, error: failure.error });
  }
}
