import { describe, expect, test } from 'vitest';
import { resolveOptions } from '../../lib/train/options.ts';
import { fit, train } from '../../lib/train/train.ts';
import { noisySine } from './series.ts';

const good = { targets: 'sine', horizon: 4 };

describe('training options', () => {
  test.each([
    [{ ...good, hiden: 3 }, /hiden.*Did you mean hidden/],
    [{ ...good, learningrate: 3 }, /Did you mean learningRate/],
    [{ ...good, hidden: 0 }, /whole number from 1 to 65536 for options.hidden but received 0/],
    [{ ...good, hidden: '32' }, /options.hidden/],
    [{ ...good, horizon: 1.5 }, /options.horizon/],
    [{ targets: 'sine' }, /options.horizon/],
    [{ horizon: 4 }, /options.targets/],
    [{ ...good, targets: ['a', 'a'] }, /different names/],
    [{ ...good, cell: 'rnn' }, /'gru' or 'lstm'/],
    [{ ...good, levels: [0.9, 0.1] }, /ascending/],
    [{ ...good, levels: [0.6, 0.9] }, /around 0.5/],
    [{ ...good, dropout: 1 }, /options.dropout/],
    [{ ...good, dropout: 0.1 }, /2 layers or more.* for options.dropout but received 0.1/],
    [{ ...good, residual: true }, /2 layers or more.* for options.residual but received true/],
    [{ ...good, layerNorm: 'yes' }, /true or false for options.layerNorm/],
    [{ ...good, model: 'segment', layerNorm: true }, /options.layerNorm/],
    [{ ...good, seed: -1 }, /options.seed/],
    [{ ...good, split: { train: 10 } }, /options.split/],
    [{ ...good, projSize: 8 }, /LSTM/],
    [{ ...good, bidirectional: true }, /memory 'window': .* for options.bidirectional but received true/],
    [{ ...good, stateful: true, memory: 'window' }, /the memory 'carried' .* for options.stateful but received true/],
    [{ ...good, stateful: true, attention: 8 }, /without attention: .* for options.stateful but received true/],
    [{ ...good, attention: -1 }, /options.attention/],
    [{ ...good, model: 'segment', attention: 8 }, /without the model 'recurrent' or 'deepar' for options.attention/],
    [{ ...good, model: 'deepar', bidirectional: true }, /without the model 'recurrent' for options.bidirectional/],
    [{ ...good, layers: 65 }, /from 1 to 64 for options.layers but received 65/],
    [{ ...good, horizon: 10_000 }, /at most 9362 steps \(65536 outputs \/ 1 targets \/ 7 levels\) for options.horizon/],
    [null, /an object/],
  ])('refuses %o', (options, message) => {
    expect(() => resolveOptions(options as never)).toThrow(message);
    expect(() => resolveOptions(options as never)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  });

  test('undefined is the default', () => {
    expect(resolveOptions({ ...good, hidden: undefined })).toEqual(resolveOptions(good));
  });
});

describe('tables that cannot be learned from', () => {
  test('are refused at once, saying what is missing', async () => {
    expect(() => train(noisySine(100), { ...good, targets: 'sin' })).toThrow(/column "sin".*Did you mean "sine"/);
    expect(() => train(noisySine(20), { ...good, lookback: 50 })).toThrow(/at least 54 rows/);
    expect(() => train(noisySine(100), { ...good, lookback: 8, attention: 9 })).toThrow(
      /at most 8, the lookback, for options.attention but received 9/,
    );
    expect(() => train(noisySine(100), { ...good, split: { train: 90, validation: 20 } })).toThrow(/100/);
    expect(() => train([], good)).toThrow(/at least one table/);
    expect(() => train({ ...noisySine(100), units: ['x'.repeat(100), undefined] }, good)).toThrow(/unit/);
    expect(() => train({ ...noisySine(100), names: ['sine', 'x'.repeat(300)] }, { ...good, inputs: 'all' })).toThrow(
      /256 characters/,
    );
    const spiked = noisySine(200);
    spiked.columns[0]![180] = 1e40;
    await expect(fit(spiked, good)).rejects.toThrow(/for sine in row 181 but received 1e\+40/);
    const empty = noisySine(200);
    empty.columns[0]!.fill(Number.NaN);
    await expect(fit(empty, good)).rejects.toMatchObject({ code: 'invalid-data' });
    const holed = noisySine(200);
    holed.columns[0]!.fill(Number.NaN, 140);
    await expect(fit(holed, good)).rejects.toThrow(/rows with values of the targets, in .* the validation rows/);
  });
});
