import { describe, expect, it, test } from 'vitest';
import { GRUCell, LSTMCell } from '../../lib/nn.ts';
import type { Tensor } from '../../lib/base/tensor.ts';
import { cells as traits } from '../../lib/network/cells.ts';
import {
  type Golden,
  goldens,
  hiddenOf,
  layersOf,
  networkOf,
  number,
  sizesOf,
  tensor,
  weights,
} from '../support/goldens.ts';
import { column, largestDifference, rows, swapped } from '../support/tensors.ts';

const TOLERANCE = 2e-6;
/** A normalisation divides an error of h by the deviation of its values. */
const NORMALISED = 1e-5;

const networks = goldens('network');
const cells = goldens('cell');

/** Every `outputEvery`-th step of an output [T, ..], as the goldens keep it. */
function thinned(output: Tensor, golden: Golden): Float32Array {
  const every = number(golden, 'outputEvery');
  const width = output.data.length / number(golden, 'steps');
  return output.data.filter((_, k) => (Math.floor(k / width) + 1) % every === 0);
}

function checkHidden(actual: { h: Tensor; c?: Tensor }, expected: { h: Tensor; c?: Tensor }): void {
  expect(actual.h.shape).toEqual(expected.h.shape);
  expect(largestDifference(actual.h.data, expected.h.data)).toBeLessThanOrEqual(TOLERANCE);
  expect(actual.c?.shape).toEqual(expected.c?.shape);
  if (actual.c && expected.c) {
    expect(largestDifference(actual.c.data, expected.c.data)).toBeLessThanOrEqual(TOLERANCE);
  }
}

test('there are goldens of every combination', () => {
  // Layers, bias and direction make 12 of each cell, and 12 more of a second form or of a projection. Each has 5 with
  // normalised or residual layers.
  const forms = Object.values(traits).map((cell) => 1 + Number(cell.hasResetForms) + Number(cell.mayProject));
  expect(networks).toHaveLength(17 * forms.reduce((sum, count) => sum + count, 0));
  expect(cells).toHaveLength(4);
});

describe.each(networks)('$name', (golden) => {
  const input = tensor(golden, 'input');
  const expected = tensor(golden, 'output');

  it('gives what PyTorch gives in forward', () => {
    const { output, hidden } = networkOf(golden).forward(input, hiddenOf(golden, '0'));
    expect(output.shape).toEqual([number(golden, 'steps'), ...expected.shape.slice(1)]);
    expect(largestDifference(thinned(output, golden), expected.data)).toBeLessThanOrEqual(
      layersOf(golden).layerNorm ? NORMALISED : TOLERANCE,
    );
    checkHidden(hidden, hiddenOf(golden, 'n'));
  });

  it('gives the same bits batch first and without batch', () => {
    const network = networkOf(golden);
    const initial = hiddenOf(golden, '0');
    const { output, hidden } = network.forward(input, initial);

    const first = networkOf(golden, { batchFirst: true }).forward(swapped(input), initial);
    expect(first.output).toEqual(swapped(output));
    expect(first.hidden).toEqual(hidden);

    const unbatched = network.forward(column(input, 1), {
      h: column(initial.h, 1),
      ...(initial.c && { c: column(initial.c, 1) }),
    });
    expect(unbatched.output).toEqual(column(output, 1));
    expect(unbatched.hidden.h).toEqual(column(hidden.h, 1));
    if (hidden.c) expect(unbatched.hidden.c).toEqual(column(hidden.c, 1));
  });
});

// A bidirectional network reads from both ends and cannot be stepped.
describe.each(networks.filter((golden) => !sizesOf(golden).bidirectional))('$name', (golden) => {
  const input = tensor(golden, 'input');
  const expected = tensor(golden, 'output');

  it('gives what PyTorch gives step by step', () => {
    const network = networkOf(golden);
    for (const stream of [0, 1]) {
      const x = column(input, stream);
      const initial = hiddenOf(golden, '0');
      const state = network.createState();
      state.hidden = { h: column(initial.h, stream), ...(initial.c && { c: column(initial.c, stream) }) };
      const steps = number(golden, 'steps');
      const output = { shape: [steps, expected.shape[2]!], data: new Float32Array(steps * expected.shape[2]!) };
      for (let t = 0; t < steps; t++) output.data.set(state.step(rows(x, t, t + 1).data), t * expected.shape[2]!);
      expect(largestDifference(thinned(output, golden), column(expected, stream).data)).toBeLessThanOrEqual(TOLERANCE);
      const last = hiddenOf(golden, 'n');
      checkHidden(state.hidden, { h: column(last.h, stream), ...(last.c && { c: column(last.c, stream) }) });
    }
  });
});

describe.each(cells)('$name', (golden) => {
  const { inputSize, hiddenSize } = {
    inputSize: number(golden, 'inputSize'),
    hiddenSize: number(golden, 'hiddenSize'),
  };
  const options = { inputSize, hiddenSize, bias: number(golden, 'bias') === 1 };
  const input = tensor(golden, 'input');
  const steps = number(golden, 'steps');
  const at = ({ shape, data }: Tensor, t: number): Tensor => ({
    shape: shape.slice(1),
    data: rows({ shape, data }, t, t + 1).data,
  });

  it('gives what PyTorch gives, step by step', () => {
    let { h, c } = hiddenOf(golden, '0');
    const gru = new GRUCell(options);
    const lstm = new LSTMCell(options);
    if (c === undefined) gru.loadStateDict(weights(golden));
    else lstm.loadStateDict(weights(golden));
    for (let t = 0; t < steps; t++) {
      if (c === undefined) h = gru.forward(at(input, t), h);
      else ({ h, c } = lstm.forward(at(input, t), { h, c }));
      expect(largestDifference(h.data, at(tensor(golden, 'output'), t).data)).toBeLessThanOrEqual(TOLERANCE);
    }
    expect(h.shape).toEqual([2, hiddenSize]);
    checkHidden(c === undefined ? { h } : { h, c }, hiddenOf(golden, 'n'));
  });

  it('gives the same bits for one stream without batch, and takes zeros where no state is given', () => {
    const zero: Tensor = { shape: [2, hiddenSize], data: new Float32Array(2 * hiddenSize) };
    const part = ({ shape, data }: Tensor): Tensor => ({
      shape: shape.slice(1),
      data: data.slice(data.length / 2),
    });
    const x = at(input, 0);
    if (golden.metadata['cell'] === 'gru') {
      const cell = new GRUCell(options);
      cell.loadStateDict(weights(golden));
      const h = cell.forward(x, tensor(golden, 'h0'));
      expect(cell.forward(part(x), part(tensor(golden, 'h0')))).toEqual(part(h));
      expect(cell.forward(x)).toEqual(cell.forward(x, zero));
    } else {
      const cell = new LSTMCell(options);
      cell.loadStateDict(weights(golden));
      const { h: h0, c: c0 } = hiddenOf(golden, '0') as Required<ReturnType<typeof hiddenOf>>;
      const { h, c } = cell.forward(x, { h: h0, c: c0 });
      expect(cell.forward(part(x), { h: part(h0), c: part(c0) })).toEqual({ h: part(h), c: part(c) });
      expect(cell.forward(x)).toEqual(cell.forward(x, { h: zero, c: zero }));
    }
  });
});
