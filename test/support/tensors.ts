import { elementCount, type Tensor } from '../../lib/base/tensor.ts';

/** The largest |a - b|; infinite where one is not a number or the lengths differ. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let k = 0; k < a.length; k++) {
    const difference = Math.abs(a[k]! - b[k]!);
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return largest;
}

/** |a - b| / |b| in the Euclidean norm. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let error = 0;
  let norm = 0;
  for (let k = 0; k < a.length; k++) {
    error += (a[k]! - b[k]!) ** 2;
    norm += b[k]! ** 2;
  }
  return Math.sqrt(norm > 0 ? error / norm : error);
}

/** [A, B, ..] as [B, A, ..]. */
export function swapped({ shape, data }: Tensor): Tensor {
  const [rows, columns, ...rest] = shape as [number, number, ...number[]];
  const width = elementCount(rest);
  const out = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const from = (r * columns + c) * width;
      out.set(data.subarray(from, from + width), (c * rows + r) * width);
    }
  }
  return { shape: [columns, rows, ...rest], data: out };
}

/** Entry `index` of the second dimension of a [A, B, C], as [A, C]. */
export function column({ shape, data }: Tensor, index: number): Tensor {
  const [rows, columns, width] = shape as [number, number, number];
  const out = new Float32Array(rows * width);
  for (let r = 0; r < rows; r++) {
    const from = (r * columns + index) * width;
    out.set(data.subarray(from, from + width), r * width);
  }
  return { shape: [rows, width], data: out };
}

/** Entries `begin` to before `end` of the first dimension. */
export function rows({ shape, data }: Tensor, begin: number, end: number): Tensor {
  const width = elementCount(shape.slice(1));
  return { shape: [end - begin, ...shape.slice(1)], data: data.slice(begin * width, end * width) };
}

/** Numbers in [-scale, scale) that depend on the seed alone. */
export function randomTensor(shape: number[], seed: number, scale = 1): Tensor {
  let state = seed >>> 0;
  const data = Float32Array.from({ length: elementCount(shape) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return scale * (state / 2 ** 31 - 1);
  });
  return { shape, data };
}
