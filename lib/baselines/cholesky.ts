/**
 * Replaces a symmetric matrix [size][size] by its Cholesky factor in the lower half, and the transpose of the factor in
 * the upper half. False if the matrix is not positive definite; it is then of no use.
 */
export function factorize(matrix: Float64Array, size: number): boolean {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[i * size + k]! * matrix[j * size + k]!;
      if (i > j) matrix[i * size + j] = matrix[j * size + i] = sum / matrix[j * size + j]!;
      else if (sum > 0) matrix[i * size + i] = Math.sqrt(sum);
      else return false;
    }
  }
  return true;
}

/** The solution of the equations with a matrix that `factorize` has factorized. */
export function solve(factor: Float64Array, size: number, right: Float64Array): Float64Array {
  const out = right.slice();
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) out[i]! -= factor[i * size + k]! * out[k]!;
    out[i]! /= factor[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) out[i]! -= factor[i * size + k]! * out[k]!;
    out[i]! /= factor[i * size + i]!;
  }
  return out;
}
