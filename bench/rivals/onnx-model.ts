// One recurrent node of one step as an ONNX model. Field numbers are those of onnx.proto3.
import { type Case, gatesOf } from '../case.ts';
import { type Field, message } from './protobuf.ts';

const float = 1;

/** Gate order in ONNX: z r h, or i o f c. Ours: r z n, or i f g o. */
const gateOrder = { gru: [1, 0, 2], lstm: [0, 3, 1, 2] };

/** The model for `batch` streams: X, H and for an LSTM C go in, Y_H and Y_C come out. */
export function onnxModel(net: Case, batch: number): Uint8Array {
  const { cell, inputs, hidden } = net;
  const rows = gatesOf(cell) * hidden;
  const bias = [...reordered(net, net.biasIh, 1), ...reordered(net, net.biasHh, 1)];
  const states = cell === 'gru' ? ['H'] : ['H', 'C'];
  const attributes: Field[] = [
    [5, message([1, 'hidden_size'], [3, hidden], [20, 2])],
    ...(cell === 'gru' ? [[5, message([1, 'linear_before_reset'], [3, 1], [20, 2])] satisfies Field] : []),
  ];
  const node = message(
    ...['X', 'W', 'R', 'B', '', ...states].map((name): Field => [1, name]),
    ...['', ...states.map((name) => `Y_${name}`)].map((name): Field => [2, name]),
    [4, cell.toUpperCase()],
    ...attributes,
  );
  const graph = message(
    [1, node],
    [2, 'step'],
    [5, initializer('W', [1, rows, inputs], reordered(net, net.weightIh, inputs))],
    [5, initializer('R', [1, rows, hidden], reordered(net, net.weightHh, hidden))],
    [5, initializer('B', [1, 2 * rows], Float32Array.from(bias))],
    [11, valueInfo('X', [1, batch, inputs])],
    ...states.map((name): Field => [11, valueInfo(name, [1, batch, hidden])]),
    ...states.map((name): Field => [12, valueInfo(`Y_${name}`, [1, batch, hidden])]),
  );
  const irVersion = 8;
  const opset = 14;
  return message([1, irVersion], [7, graph], [8, message([1, ''], [2, opset])]);
}

function reordered({ cell, hidden }: Case, matrix: Float32Array, columns: number): Float32Array {
  const size = hidden * columns;
  const out = new Float32Array(matrix.length);
  for (const [to, from] of gateOrder[cell].entries())
    out.set(matrix.subarray(from * size, (from + 1) * size), to * size);
  return out;
}

function initializer(name: string, shape: number[], values: Float32Array): Uint8Array {
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return message(...shape.map((size): Field => [1, size]), [2, float], [8, name], [9, raw]);
}

function valueInfo(name: string, shape: number[]): Uint8Array {
  const dimensions = message(...shape.map((size): Field => [1, message([1, size])]));
  return message([1, name], [2, message([1, message([1, float], [2, dimensions])])]);
}
