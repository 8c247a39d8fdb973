import { describe, expect, test } from 'vitest';
import { parseDescription } from '../../lib/model/description.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES, HostileError } from '../support/hostile-values.ts';
import { describeModel } from '../support/models.ts';

/** A copy of an object in which the field at `path` is replaced. */
function replace(object: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const copy: Record<string, unknown> = Array.isArray(object) ? ([...object] as never) : { ...(object as object) };
  copy[key] = replace(copy[key], rest, value);
  return copy;
}

/** The paths of all fields, objects and lists included. */
function paths(value: unknown): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [[]];
  return [[], ...Object.entries(value).flatMap(([key, field]) => paths(field).map((path) => [key, ...path]))];
}

describe('parseDescription', () => {
  const good = describeModel();

  test.each([
    ['a quantile GRU', {}],
    ['an LSTM with projection', { network: { cell: 'lstm', projSize: 3 } }],
    ['normalised and residual layers', { network: { layerNorm: true, residual: true } }],
    ['squared errors with levels', { loss: 'mse' }],
    ['absolute errors without', { loss: 'mae', levels: [] }],
    ['a window', { memory: 'window', lookback: 64 }],
    ['a warm-up', { lookback: 64, warmup: 64 }],
    ['no interval', { interval: null }],
    ['a policy for missing values', { gap: 'impute' }],
    ['policies by name', { gap: { temperature: 'decay' } }],
    [
      'inputs that tell what is missing',
      {
        inputs: ['flow', 'speed', 'flow_missing', 'flow_elapsed', 'speed_missing'].map((name) => ({ name })),
        targets: ['speed'],
        gap: { flow: 'elapsed', speed: 'mask' },
      },
    ],
  ] as const)('takes %s and returns an equal, frozen copy', (_, changes) => {
    const given = describeModel(changes);
    const parsed = parseDescription(given);
    expect(parsed).toEqual(given);
    expect(parsed).not.toBe(given);
    for (const part of [parsed, parsed.inputs, parsed.inputs[0], parsed.levels, parsed.network, parsed.training]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  test.each([
    [['inputs'], [], /inputs/],
    [['inputs'], Array.from({ length: 65_537 }, (_, i) => ({ name: `i${i}` })), /65536/],
    [['inputs', 0, 'name'], '', /inputs\[0\].name/],
    [['inputs', 0, 'name'], 'x'.repeat(257), /inputs\[0\].name/],
    [['inputs', 1, 'name'], 'pressure', /different names.*"pressure"/],
    [['inputs', 0, 'units'], 'bar', /"units".*Did you mean unit/],
    [['targets'], ['temprature'], /names of inputs.*"temprature"/],
    [['targets'], ['temperature', 'temperature'], /different names/],
    [['interval'], 0, /interval/],
    [['interval'], Infinity, /interval/],
    [['memory'], 'carry', /'carried' or 'window'/],
    [['lookback'], 0, /lookback/],
    [['lookback'], 1e9, /lookback/],
    [['warmup'], 0, /warmup/],
    [['warmup'], 6, /at most 5 for description.warmup/],
    [['gap'], 'forget', /'hold' or 'decay'/],
    [['gap'], { flow: 'hold' }, /names of inputs for description.gap/],
    [['gap'], { pressure: 'mask' }, /pressure, temperature, pressure_missing for description.inputs/],
    [['gap'], ['hold'], /policies by name/],
    [['training', 'unvalidated'], -1, /unvalidated/],
    [['training', 'refit'], 1, /refit/],
    [['horizon'], 2.5, /horizon/],
    [['horizon'], 1e9, /horizon/],
    [['levels'], [], /levels around 0.5/],
    [['levels'], [0.5, 0.1, 0.9], /ascending/],
    [['levels'], [0.1, 0.5, 0.5], /ascending/],
    [['levels'], [0.6, 0.7, 0.9], /levels around 0.5/],
    [['levels'], [0.1, 0.2, 0.3], /levels around 0.5/],
    [['levels'], [0, 0.5, 0.9], /levels\[0\]/],
    [['levels'], [0.1, 0.5, 1], /levels\[2\]/],
    [['levels'], Array(200).fill(0.5), /199/],
    [['network', 'cell'], 'rnn', /'gru' or 'lstm'/],
    [['network', 'inputSize'], 3, /2 for description.network.inputSize/],
    [['network', 'hiddenSize'], 2 ** 40, /hiddenSize/],
    [['network', 'numLayers'], 65, /numLayers/],
    [['network', 'headSize'], 8, /9 for description.network.headSize/],
    [['network', 'bidirectional'], true, /false with the memory 'carried', for a stream has no end/],
    [['network', 'attention'], 6, /at most 5, the lookback, for description.network.attention/],
    [['network', 'attention'], 0, /from 1 to 65536 for description.network.attention/],
    [['network', 'projSize'], 1, /at most 0/],
    [['training', 'epochs'], -1, /training.epochs/],
    [['training', 'trainLoss'], NaN, /training.trainLoss/],
    [['training', 'trainedAt'], 'yesterday', /trainedAt/],
    [['training', 'trainedAt'], '2026-99-99T00:00:00Z', /trainedAt/],
    [['horizont'], 3, /"horizont".*Did you mean horizon/],
  ] as const)('refuses %j = %j', (path, value, message) => {
    expect(() => parseDescription(replace(good, path, value))).toThrow(gatecastError('invalid-argument', message));
  });

  test('refuses a projection as wide as the LSTM', () => {
    const wide = describeModel({ network: { cell: 'lstm', projSize: 5 } });
    expect(() => parseDescription(wide)).toThrow(gatecastError('invalid-argument', /at most 4/));
  });

  test('refuses windows that would fill memory', () => {
    const inputs = Array.from({ length: 100 }, (_, i) => ({ name: `i${i}` }));
    const long = describeModel({ inputs, targets: ['i0'], memory: 'window', lookback: 200_000 });
    expect(() => parseDescription(long)).toThrow(gatecastError('invalid-argument', /at most 167772 .*lookback/));
    expect(parseDescription({ ...long, memory: 'carried' }).lookback).toBe(200_000);
  });

  test('refuses a description in which any field is missing, except the unit', () => {
    for (const path of paths(good)) {
      if (path.at(-1) === 'unit') continue;
      const broken = replace(good, path, undefined);
      expect(() => parseDescription(broken), path.join('.')).toThrow(gatecastError('invalid-argument'));
    }
  });

  test('accepts values of any type in any field, or throws an error with a code', () => {
    for (const path of paths(good)) {
      for (const [name, make] of HOSTILE_VALUES) {
        try {
          parseDescription(replace(good, path, make()));
        } catch (error) {
          if (error instanceof HostileError || /revoked/.test(String(error))) continue;
          expect(error, `${path.join('.')} = ${name}`).toEqual(gatecastError('invalid-argument'));
        }
      }
    }
  });
});
