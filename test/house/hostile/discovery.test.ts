import { describe, expect, it } from 'vitest';
import * as gatecast from '../../support/every-name.ts';
import { entries } from '../../../tools/entries.mjs';
import { calls as control } from './control-calls.ts';
import { calls as models } from './models-calls.ts';
import { calls as streams } from './streams-calls.ts';
import { baseline, forecast, keyed, live, metrics, online, ring, rollout, state, stream } from './subjects.ts';

const { EsrnnForecaster, Forecaster, RecurrentPolicy, Scaler, SegmentForecaster } = gatecast;
const calls = { ...models, ...streams, ...control };

/** What is not tried here, and why. */
const exempt: Record<string, string> = {
  GatecastError: 'is what is thrown',
  nabProfiles: 'is a table of numbers',
  isa: 'test/network/misuse.test.ts',
  isas: 'test/network/misuse.test.ts',
  GRU: 'test/network/misuse.test.ts',
  GRUCell: 'test/network/misuse.test.ts',
  LSTM: 'test/network/misuse.test.ts',
  LSTMCell: 'test/network/misuse.test.ts',
};

describe('JavaScript values of every type, in every argument of everything exported,', () => {
  it('are tried everywhere: each export is called here or exempt', async () => {
    const modules = await Promise.all(entries.map(({ source }) => import(`../../../${source}`)));
    const exported = modules.flatMap((module: object) => Object.keys(module));
    expect(exported).toEqual(expect.arrayContaining(Object.keys(gatecast)));
    const made = [
      Forecaster.prototype,
      Object.getPrototypeOf(Forecaster.prototype),
      SegmentForecaster.prototype,
      EsrnnForecaster.prototype,
      RecurrentPolicy.prototype,
      state(),
      baseline(),
      stream(),
      keyed(),
      live(),
      forecast(),
      Scaler.prototype,
      online(),
      metrics(),
      rollout(),
      ring(),
      new gatecast.VirtualClock(),
    ];
    const methods = made.flatMap((object) => {
      const prototype = Object.hasOwn(object, 'constructor') ? object : Object.getPrototypeOf(object);
      return Object.entries(Object.getOwnPropertyDescriptors(prototype))
        .filter(([name, { value }]) => name !== 'constructor' && typeof value === 'function')
        .map(([name]) => `${prototype.constructor.name}#${name}`);
    });
    const statics = [EsrnnForecaster, Forecaster, RecurrentPolicy, Scaler, SegmentForecaster].flatMap((each) =>
      Object.getOwnPropertyNames(each)
        .filter((name) => typeof each[name as never] === 'function')
        .map((name) => `${each.name}.${name}`),
    );
    const untried = [...exported, ...methods, ...statics].filter((name) => !(name in calls) && !(name in exempt));
    expect(untried).toEqual([]);
  });
});
