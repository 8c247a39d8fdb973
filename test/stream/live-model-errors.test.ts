import { describe, expect, test, vi } from 'vitest';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { ForecasterStates } from '../../lib/model/forecaster-states.ts';
import { Scaler } from '../../lib/model/scaler.ts';
import { LiveModel } from '../../lib/stream/swap/live-model.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { describeModel, makeModel, partsFor } from '../support/models.ts';
import { old, next, series, numbersOf, turn, alone } from './live-model-set-up.ts';

type Advance = (this: ForecasterStates, count: number) => void;

describe('errors of the new model', () => {
  test('disturb nothing, and are reported', async () => {
    for (const failsAt of [0, 3, 25]) {
      const live = new LiveModel(old);
      const samples = series(60);
      const said = samples.slice(0, 20).map((one) => live.step(one));
      const boom = new Error('boom');
      const swapping = live.swap(next, { warm: 10, shadow: 30 });
      let steps = 0;
      const plain = Object.getOwnPropertyDescriptor(ForecasterStates.prototype, 'advance')!.value as Advance;
      const advance = vi.spyOn(ForecasterStates.prototype, 'advance').mockImplementation(function (
        this: ForecasterStates,
        count: number,
      ) {
        if (this.model.description === next.description && steps++ === failsAt) throw boom;
        return plain.call(this, count);
      });
      await turn();
      said.push(...samples.slice(20).map((one) => live.step(one)));
      advance.mockRestore();
      expect(await swapping).toMatchObject({ switched: false, reason: 'failed', error: boom });
      expect(numbersOf(said)).toEqual(numbersOf(alone(old, samples)));
    }
  });

  test('samples that are invalid for it alone neither end the stream nor warm it', async () => {
    const scaler = new Scaler(['pressure', 'temperature'], [1000, 20], [1e-30, 1]); // no pressure near 10 is in its range
    const live = new LiveModel(old, { onInvalid: 'error' });
    for (const one of series(10)) live.step(one);
    const swapping = live.swap(Forecaster.from({ ...partsFor(describeModel()), scaler }), { warm: 5 });
    await turn();
    expect(numbersOf(series(6, 10).map((one) => live.step(one)))).toEqual(numbersOf(alone(old, series(16)).slice(10)));
    live.revert();
    expect((await swapping).reason).toBe('cancelled');
  });
});

describe('a model that cannot answer in its place is refused at once', () => {
  const live = new LiveModel(old, { lateness: '5s' });
  test.each<[string, Forecaster, object, RegExp]>([
    [
      'another input',
      makeModel({ inputs: [{ name: 'pressure' }, { name: 'temperatur' }], targets: ['pressure'] }),
      {},
      /Did you mean temperature/,
    ],
    ['no such target', makeModel({ targets: ['pressure'] }), {}, /forecasts temperature too/],
    ['another interval', makeModel({ interval: 2000 }), {}, /near 1000 ms/],
    ['no interval for lateness', makeModel({ interval: null }), {}, /interval/],
    ['no interval for a time', makeModel({ interval: null }), { shadow: '1h' }, /number of samples/],
    ['a wrong time', next, { shadow: 'soon' }, /shadow/],
    ['a margin without shadow', next, { ifBetterBy: 0.1 }, /ifBetterBy/],
    ['an unknown option', next, { warmup: 3 }, /Did you mean warm/],
    ['no model', {} as Forecaster, {}, /Forecaster/],
  ])('%s', (_, model, options, message) => {
    expect(() => live.swap(model, options)).toThrow(gatecastError('invalid-argument', message));
    expect(live.model).toBe(old);
  });

  test('and so are wrong arguments of LiveModel, and one that was disposed of', () => {
    expect(() => new LiveModel({} as never)).toThrow(gatecastError('invalid-argument', /Forecaster/));
    expect(() => new LiveModel(old, { recents: 3 } as never)).toThrow(gatecastError('invalid-argument', /recent/));
    expect(() => new LiveModel(old, { gap: 'mask' })).toThrow(gatecastError('invalid-argument', /_missing/));
    const gone = new LiveModel(old);
    const complete = vi.fn<() => void>();
    gone.changes$.subscribe({ complete });
    gone.dispose();
    gone.dispose();
    expect(complete).toHaveBeenCalledTimes(1);
    for (const call of [() => gone.step([1, 2]), () => gone.swap(next), () => gone.revert()]) {
      expect(call).toThrow(gatecastError('disposed'));
    }
  });
});
