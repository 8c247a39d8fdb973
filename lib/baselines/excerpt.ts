/** Most series and values that linear forecasts are fitted to. */
const MOST_LINEAR_SERIES = 256;
const MOST_LINEAR_VALUES = 1_000_000;

/** Most samples that a linear forecast reads and forecasts together: the time to fit it grows with the square. */
export const MOST_LINEAR_WINDOW = 4096;

/** Up to so many missing values in a row are held by linear forecasts, as in their streams; more divide a series. */
const MOST_HELD = 10;

/** At most `count` of the series, spread evenly over all, and `values` of their values, the last ones of each. */
export function excerpt(series: readonly Float64Array[], count: number, values: number): Float64Array[] {
  const stride = Math.ceil(series.length / count);
  const taken = series.filter((_, i) => i % stride === 0);
  const most = Math.floor(values / taken.length);
  return taken.map((one) => one.subarray(Math.max(0, one.length - most)));
}

/** Those of the values that a linear forecast is fitted to. */
export function linearExcerpt(series: readonly Float64Array[]): Float64Array[] {
  return excerpt(series, MOST_LINEAR_SERIES, MOST_LINEAR_VALUES);
}

/** The values, short holes filled with the value before. */
export function held(values: Float64Array): Float64Array {
  let since = 0; // rows after the last value
  return values.map((value, i) => {
    since = Number.isNaN(value) ? since + 1 : 0;
    return since > 0 && since <= MOST_HELD && i >= since ? values[i - since]! : value;
  });
}
