import { describe, expect, it } from 'vitest';
import { createRandom } from '../../lib/base/random.ts';
import { resolveOptions } from '../../lib/train/options.ts';
import { modelNames } from '../../lib/train/models/names.ts';
import { defaultSetting, kindsFor, type Setting, Settings } from '../../lib/tune/settings.ts';

const train = { targets: 'y', horizon: 4 };
const opened = (given: typeof train & Partial<Setting> = train) => {
  const settings = new Settings(given);
  for (const kind of kindsFor(given)) settings.open({ lookback: 96, ...defaultSetting(kind, given) });
  return settings;
};

describe('settings', () => {
  it('are of every kind of model, or of the one that is given', () => {
    expect(kindsFor(train)).toEqual(modelNames);
    expect(kindsFor({ ...train, model: 'segment' })).toEqual(['segment']);
    expect(kindsFor({ ...train, layers: 2 })).toEqual(['recurrent', 'deepar', 'esrnn']);
    expect(
      new Set(
        opened()
          .draw(60, undefined, createRandom(1))
          .map(({ model }) => model),
      ),
    ).toEqual(new Set(modelNames));
  });

  it('are options that train takes, each drawn once, the same for the same seed', () => {
    const drawn = opened().draw(60, undefined, createRandom(1));
    expect(drawn.length).toBeGreaterThan(40);
    for (const setting of drawn) expect(() => resolveOptions({ ...train, ...(setting as object) })).not.toThrow();
    expect(new Set(drawn.map((setting) => JSON.stringify(setting))).size).toBe(drawn.length);
    expect(opened().draw(60, undefined, createRandom(1))).toEqual(drawn);
    expect(opened().draw(60, undefined, createRandom(2))).not.toEqual(drawn);
  });

  it('begin with the defaults of train', () => {
    expect(defaultSetting('recurrent', train)).toEqual({
      model: 'recurrent',
      cell: 'gru',
      hidden: 32,
      layers: 1,
      learningRate: 0.01,
      dropout: 0,
    });
    expect(defaultSetting('segment', train)).toMatchObject({ model: 'segment', hidden: 64, learningRate: 0.002 });
    expect(defaultSetting('segment', train)).not.toHaveProperty('layers');
  });

  it('keep what is given, and drop no units of one layer', () => {
    const given = { ...train, hidden: 7, cell: 'lstm' as const, lookback: 12 };
    const drawn = opened(given).draw(60, undefined, createRandom(3));
    for (const { hidden, cell, lookback, layers, dropout } of drawn) {
      expect([hidden, cell, lookback]).toEqual([7, 'lstm', 12]);
      if (layers === 1) expect(dropout).toBe(0);
    }
  });

  it('lie beside the best one by turns: one or two of their options are others', () => {
    const best: Setting = { ...defaultSetting('recurrent', train), hidden: 64, layers: 2, dropout: 0.1, lookback: 48 };
    const drawn = opened().draw(8, best, createRandom(4));
    for (const setting of drawn.filter((_, i) => i % 2 === 0)) {
      const names = Object.keys(best) as (keyof Setting)[];
      const different = names.filter((name) => setting[name] !== best[name]);
      expect(setting.model).toBe('recurrent');
      expect(different.filter((name) => name !== 'dropout' || setting.layers !== 1).length).toBeLessThanOrEqual(2);
    }
  });

  it('come to an end when few are left', () => {
    const fixed = { ...train, model: 'recurrent' as const, cell: 'gru' as const, hidden: 8, layers: 1, lookback: 8 };
    const settings = new Settings({ ...fixed, dropout: 0 });
    settings.open({ ...defaultSetting('recurrent', { ...fixed, dropout: 0 }), lookback: 8 });
    const random = createRandom(5);
    expect(settings.draw(9, undefined, random)).toHaveLength(4); // four further learning rates
    expect(settings.draw(9, undefined, random)).toEqual([]);
  });
});
