import { firstValueFrom, of, Subject, take, toArray } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { systemClock } from '../../lib/control/clock.ts';
import type { ControlContext, ControlCycle, Decide } from '../../lib/control/control-cycle.ts';
import { controlLoop } from '../../lib/control/loop/control-loop.ts';
import { decide } from '../../lib/control/loop/decide.ts';
import { nativeLoop } from '../../lib/control/native-loop/native-loop.ts';
import type { Policy } from '../../lib/control/policies/policy.ts';
import { SharedRing } from '../../lib/control/native-loop/shared-ring.ts';
import { type PolicyAction, type PolicyInput, policy } from '../../lib/control/policies/trained-policy.ts';
import { parseSafetensors } from '../../lib/files/safetensors.ts';
import { RecurrentPolicy } from '../../lib/model/recurrent-policy.ts';
import type { StateDict } from '../../lib/base/tensor.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES, THROWING } from '../support/hostile-values.ts';
import { describePolicy, makePolicy, policyGolden } from '../support/policies.ts';
import { largestDifference } from '../support/tensors.ts';
import { VirtualClock } from '../../lib/control/virtual-clock.ts';

/** The network gives its head's bias, whatever it reads: all other weights are 0. */
function constantPolicy(biases: number[], changes: Parameters<typeof describePolicy>[0] = {}): RecurrentPolicy {
  const weights: StateDict = Object.fromEntries(
    Object.entries(makePolicy(changes).weights()).map(([name, { shape, data }]) => [
      name,
      { shape, data: name === 'head.bias' ? Float32Array.from(biases) : new Float32Array(data.length) },
    ]),
  );
  return RecurrentPolicy.from({ description: describePolicy(changes), weights });
}

/** The gates of a GRU that takes tanh of what it reads for its state, and a head that gives it unchanged: y = tanh(x). */
function tanhPolicy(changes: Parameters<typeof describePolicy>[0]): RecurrentPolicy {
  const full = { ...changes, network: { hiddenSize: 1 } };
  const data = (...values: number[]) => Float32Array.from(values);
  return RecurrentPolicy.from({
    description: describePolicy(full),
    weights: {
      weight_ih_l0: { shape: [3, 1], data: data(0, 0, 1) },
      weight_hh_l0: { shape: [3, 1], data: data(0, 0, 0) },
      bias_ih_l0: { shape: [3], data: data(0, -100, 0) }, // z = 0: nothing of the old state is kept
      bias_hh_l0: { shape: [3], data: data(0, 0, 0) },
      'head.weight': { shape: [1, 1], data: data(1) },
      'head.bias': { shape: [1], data: data(0) },
    },
  });
}

const rows = (name: 'gru' | 'lstm') => {
  const { tensors } = parseSafetensors(policyGolden(name), name);
  const split = (key: string) => {
    const { shape, data } = tensors[key]!;
    return Array.from({ length: shape[0]! }, (_, t) => data.subarray(t * shape[1]!, (t + 1) * shape[1]!));
  };
  return { inputs: split('golden.input'), actions: split('golden.action') };
};

describe('policy', () => {
  test.each(['gru', 'lstm'] as const)('returns, one by one, what PyTorch returns for whole episodes: %s', (name) => {
    const { inputs, actions } = rows(name);
    const take = policy(RecurrentPolicy.fromBytes(policyGolden(name))).start();
    expect(inputs.length).toBe(60);
    for (const [t, input] of inputs.entries()) {
      const { action, held } = take(input);
      expect(largestDifference(action, actions[t]!), `step ${t}`).toBeLessThan(1e-5 * 40);
      expect(held).toBe(false);
    }
  });

  test('normalises, cuts off, squashes, scales and limits, by hand', () => {
    const model = (squash: 'tanh' | 'none', clip?: number) =>
      tanhPolicy({
        observations: [{ name: 'x', mean: 3, std: 2 }],
        ...(clip && { clip }),
        squash,
        actions: [{ name: 'u', scale: -4, offset: 1, low: -1.5, high: 4 }],
        reset: undefined as never,
      });
    const first = (of: RecurrentPolicy, x: number) => policy(of).start()(x).action[0]!;
    expect(first(model('none'), 4)).toBeCloseTo(1 - 4 * Math.tanh(0.5), 6);
    expect(first(model('none'), 9)).toBe(-1.5); // 1 - 4 tanh(3) = -2.98
    expect(first(model('none'), -5)).toBe(4);
    expect(first(model('none', 0.25), 9)).toBeCloseTo(1 - 4 * Math.tanh(0.25), 6);
    expect(first(model('tanh'), 4)).toBeCloseTo(1 - 4 * Math.tanh(Math.tanh(0.5)), 6);
  });

  test('takes lists, values by name and observations with their time', () => {
    const run = () => policy(makePolicy()).start();
    const expected = run()([0.25, -0.5, 0]);
    const forms: PolicyInput[] = [
      Float32Array.of(0.25, -0.5, 0),
      { start: 0, rate: -0.5, angle: 0.25 },
      { at: 5, values: [0.25, -0.5, 0] },
      { at: new Date(), values: { rate: -0.5, angle: 0.25, start: 0 } },
    ];
    for (const form of forms) expect(run()(form)).toEqual(expected);
  });

  test('a signal is equal to a new start, on every input that has it', () => {
    const take = policy(makePolicy()).start();
    const first = take([0.25, -0.5, 0]).action;
    const second = take([0.25, -0.5, 0]).action;
    expect(second).not.toEqual(first);
    for (const signal of [1, -1, 0.001]) expect(take([0.25, -0.5, signal]).action).toEqual(first);
    expect(take([0.25, -0.5, 0]).action).toEqual(second);
  });

  test('a gap in time longer than ten intervals, or than resetAfter, clears the memory', () => {
    const [first, second] = (() => {
      const take = policy(makePolicy()).start();
      return [take([1, 2, 0]).action, take([1, 2, 0]).action];
    })();
    const pair = (gap: number, options = {}) => {
      const take = policy(makePolicy(), options).start();
      take({ at: 1e12, values: [1, 2, 0] });
      return take({ at: 1e12 + gap, values: [1, 2, 0] }).action;
    };
    expect([pair(199), pair(20), pair(0), pair(-199)]).toEqual([second, second, second, second]);
    expect([pair(201), pair(-201)]).toEqual([first, first]);
    expect([pair(201, { resetAfter: '1s' }), pair(41, { resetAfter: 40 })]).toEqual([second, first]);
  });

  test('holds for an unusable input, which does not step the network, but obeys a signal in it', () => {
    const bad: PolicyInput[] = [
      [Number.NaN, 0, 0],
      [0, Number.POSITIVE_INFINITY, 0],
      [0, -1e300, 0],
      [0, 0, Number.NaN],
      { angle: 0, start: 0 },
      [0, 0],
      [0, 0, 0, 0],
      5,
      [0, '1', 0],
      { at: Number.NaN, values: [0, 0, 0] },
    ];
    const [take, other] = [policy(makePolicy()).start(), policy(makePolicy()).start()];
    // tanh reaches from 3 to 7 and from -1 to 1, of which the limit leaves 0 to 1.
    for (const input of bad) expect(take(input)).toEqual({ action: Float64Array.of(3, 0), held: true });
    const first = take([0.25, -0.5, 0]);
    expect(first).toEqual(other([0.25, -0.5, 0]));
    for (const input of bad) expect(take(input)).toEqual({ action: first.action, held: true });
    expect(take([1, 1, 0])).toEqual(other([1, 1, 0]));
    expect(take([Number.NaN, 0, 1]).held).toBe(true);
    expect(take([0.25, -0.5, 0])).toEqual(first);
  });

  test('in a control loop, throws for an unusable input', () => {
    const take = policy(makePolicy()).start();
    const context = {} as ControlContext;
    expect(take({ at: 0, values: [1, 2, 0] }, context).held).toBe(false);
    expect(() => take({ at: 0, values: [1, Number.NaN, 0] }, context)).toThrow(gatecastError('invalid-sample', /rate/));
    expect(() => take({ at: 0, values: [1, 1e300, 0] }, context)).toThrow(gatecastError('invalid-sample', /1e\+24/));
    expect(() => take({ at: 0, values: [1] }, context)).toThrow(gatecastError('invalid-sample', /3 values/));
  });

  test('drives a control loop, whose fallback takes over for an unusable input', () => {
    const clock = new VirtualClock();
    const rates = [-0.5, 1e300, 0.25];
    const cycles: ControlCycle[] = [];
    const loop = controlLoop({
      hz: 50,
      observe: () => ({ at: clock.now(), values: [0.25, rates[clock.now() / 20]!, 0] }),
      inputs: 3,
      decide: policy(makePolicy()).start(),
      act: () => undefined,
      limits: [
        { min: 0, max: 9 },
        { min: 0, max: 9 },
      ],
      fallback: [4, 0],
      clock,
    });
    const subscription = loop.subscribe((cycle) => cycles.push(cycle));
    clock.run(60);
    subscription.unsubscribe();
    const take = policy(makePolicy()).start();
    expect(cycles.map(({ action, source, reason }) => [action, source, reason])).toEqual([
      [take([0.25, -0.5, 0]).action, 'model', undefined],
      [Float64Array.of(4, 0), 'fallback', 'decide-threw'],
      [take([0.25, 0.25, 0]).action, 'model', undefined],
    ]);
    expect(cycles[1]!.errors).toEqual([gatecastError('invalid-sample')]);
  });

  test('never leaves its limits and never gives NaN, whatever comes', () => {
    const take = policy(makePolicy({ clip: 10 })).start();
    const odd = [0, 1, -1e9, 1e308, -1e308, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324];
    for (let i = 0; i < 5000; i++) {
      const { action } = take([odd[i % 8]!, odd[(i * i) % 7]!, i % 5 === 0 ? odd[i % 8]! : 0]);
      const [torque, brake] = action as unknown as [number, number];
      expect(torque >= 3 && torque <= 7 && brake >= 0 && brake <= 1, `input ${i}: ${action}`).toBe(true);
    }
  });

  test('each action is an array of its own', () => {
    const take = policy(constantPolicy([1, -1])).start();
    const { action } = take([0, 0, 0]);
    expect(Array.from(action)).toEqual([5 + 2 * Math.tanh(1), Math.tanh(1)]);
    action.fill(99);
    expect(take([Number.NaN, 0, 0]).action[0]).toBe(5 + 2 * Math.tanh(1));
  });

  test('is an operator with decide: synchronous, with a fresh memory for each subscription', () => {
    new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted)).run(({ hot, expectObservable }) => {
      const take = policy(makePolicy()).start();
      const inputs = { a: [0.25, -0.5, 0], b: [1, 1, 0], x: [Number.NaN, 0, 0] };
      const [A, B] = [take(inputs.a), take(inputs.b)];
      const actions$ = hot('-a-(xb)-a-|', inputs).pipe(decide(policy(makePolicy())));
      expectObservable(actions$, '^----!').toBe('-A-(XB)', { A, X: { ...A, held: true }, B });
      expectObservable(actions$, '-------^').toBe('--------A-|', { A });
    });
    const source = new Subject<PolicyInput>();
    let seen = 0;
    source.pipe(decide(policy(makePolicy()))).subscribe(() => seen++);
    source.next([1, 2, 0]);
    expect(seen).toBe(1);
  });

  test('in a native loop, decides as it does here', async () => {
    const [observations, actions] = [new SharedRing({ width: 3 }), new SharedRing({ width: 2 })];
    const loop = nativeLoop({
      hz: 200,
      controller: policy(makePolicy()),
      observations,
      actions,
      inputs: 3,
      limits: [
        { min: -10, max: 10 },
        { min: -10, max: 10 },
      ],
      fallback: [9, 9],
      maxAgeMs: 60_000,
    });
    observations.push({ at: systemClock.now(), values: [0.25, -0.5, 0] });
    const cycles = await firstValueFrom(loop.pipe(take(20), toArray()));
    const decided = policy(makePolicy()).start();
    let model = 0;
    for (const { action, source, reason } of cycles) {
      // The newest observation counts again in each cycle; an answer too late has stepped the memory as well.
      const expected = source === 'model' || reason === 'overrun' ? decided([0.25, -0.5, 0]).action : undefined;
      if (source !== 'model') continue;
      expect(action).toEqual(expected);
      model++;
    }
    expect(model).toBeGreaterThan(0);
  });

  test('goes on when its model is disposed of, and does not start after', () => {
    const model = makePolicy();
    const take = policy(model).start();
    model.dispose();
    model.dispose();
    expect(take([1, 2, 0])).toEqual(policy(makePolicy()).start()([1, 2, 0]));
    expect(() => policy(model).start()).toThrow(gatecastError('disposed'));
  });

  test('refuses wrong arguments at once, and inputs of another form', () => {
    for (const [name, make] of HOSTILE_VALUES) {
      if (THROWING.has(name)) continue;
      expect(() => policy(make() as never), name).toThrow(gatecastError('invalid-argument'));
    }
    expect(() => policy(makePolicy(), { resetAfter: -1 })).toThrow(gatecastError('invalid-argument', /resetAfter/));
    expect(() => policy(makePolicy(), { gap: 1 } as never)).toThrow(gatecastError('invalid-argument', /resetAfter/));
    const take = policy(makePolicy()).start();
    for (const wrong of [undefined, null, true, 'text', Symbol('s')]) {
      expect(() => take(wrong as never)).toThrow(gatecastError('invalid-argument'));
    }
  });

  test('has the types of a policy and of the controller of a loop', () => {
    expectTypeOf(policy(makePolicy())).toExtend<Policy<PolicyInput, PolicyAction>>();
    of([1, 2, 0])
      .pipe(decide(policy(makePolicy())))
      .subscribe((each) => expectTypeOf(each).toEqualTypeOf<PolicyAction>());
    expectTypeOf(policy(makePolicy()).start()).toExtend<Decide>();
    expectTypeOf(policy).parameter(0).toEqualTypeOf<RecurrentPolicy>();
    // @ts-expect-error text is no input
    expect(() => policy(makePolicy()).start()('text')).toThrow(gatecastError('invalid-argument'));
  });
});
