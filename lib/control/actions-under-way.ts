/** An action that was sent, and when it takes effect [ms since the epoch]. */
export interface SentAction {
  readonly tEffect: number;
  readonly action: Float64Array;
}

/** The actions that were sent, as far back as any observation may still need them. */
export class ActionsUnderWay {
  /** Oldest first. */
  readonly #sent: SentAction[] = [];

  add(action: Float64Array, tEffect: number): void {
    this.#sent.push({ tEffect, action });
  }

  /** Drops the actions that were no longer in effect at `time`. */
  forgetBefore(time: number): void {
    this.#sent.splice(0, Math.max(0, this.#inEffect(time)));
  }

  /** The action in effect at `time`, if one was sent that early, and all that take effect later. */
  since(time: number): readonly SentAction[] {
    return this.#sent.slice(Math.max(0, this.#inEffect(time)));
  }

  #inEffect(time: number): number {
    return this.#sent.findLastIndex(({ tEffect }) => tEffect <= time);
  }
}
