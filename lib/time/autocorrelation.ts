/**
 * The autocorrelation of a series at lags 0 to `lags`: the covariance of its values with those `lag` later, divided by
 * its variance. Missing values (NaN) count as the mean. All are 0 for a constant series. Cost n log n.
 */
export function autocorrelation(values: Float64Array, lags: number): Float64Array {
  let [mean, count] = [0, 0];
  for (const value of values) if (Number.isFinite(value)) mean += (value - mean) / ++count;
  let size = 1;
  while (size < values.length + lags) size *= 2;
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  values.forEach((value, i) => {
    if (Number.isFinite(value)) real[i] = value - mean;
  });
  // The correlation theorem: the power spectrum of the padded series is the transform of its autocovariance.
  transform(real, imaginary);
  for (let i = 0; i < size; i++) {
    real[i] = real[i]! ** 2 + imaginary[i]! ** 2;
    imaginary[i] = 0;
  }
  transform(real, imaginary);
  const variance = real[0]!;
  return Float64Array.from({ length: lags + 1 }, (_, lag) => (variance > 0 ? real[lag]! / variance : 0));
}

/** The discrete Fourier transform in place, by decimation in time; the length is a power of two. */
function transform(real: Float64Array, imaginary: Float64Array): void {
  const size = real.length;
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [real[i], real[j]] = [real[j]!, real[i]!];
    [imaginary[i], imaginary[j]] = [imaginary[j]!, imaginary[i]!];
  }
  for (let half = 1; half < size; half *= 2) {
    for (let k = 0; k < half; k++) {
      const [cos, sin] = [Math.cos((Math.PI * k) / half), -Math.sin((Math.PI * k) / half)];
      for (let i = k; i < size; i += 2 * half) {
        const re = real[i + half]! * cos - imaginary[i + half]! * sin;
        const im = real[i + half]! * sin + imaginary[i + half]! * cos;
        real[i + half] = real[i]! - re;
        imaginary[i + half] = imaginary[i]! - im;
        real[i]! += re;
        imaginary[i]! += im;
      }
    }
  }
}
