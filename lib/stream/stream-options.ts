import type { StateOptions } from '../model/forecaster-state.ts';
import { oneOf, record, whole } from '../model/schema.ts';

/** What a live stream does beyond stepping its network. */
export interface StreamOptions extends StateOptions {
  /** Samples that can be taken back by `rewind`: 0 by default, each costs the memory of one state. */
  history?: number;
}

export interface ResolvedStreamOptions extends Required<StreamOptions> {
  /** The options that decide what is remembered: a snapshot fits where they are the same. */
  readonly remembered: object;
}

export const streamOptionChecks = {
  onInvalid: oneOf('skip', 'error'),
  history: whole(0, 2 ** 20),
};

const check = record<StreamOptions>(streamOptionChecks, ['onInvalid', 'history']);

/** Fills in the defaults. Throws `invalid-argument` for an unknown name or a wrong value. */
export function resolveStreamOptions(options: StreamOptions = {}): ResolvedStreamOptions {
  const { onInvalid = 'skip', history = 0 } = check(options, 'options');
  return { onInvalid, history, remembered: { history } };
}
