/** A family of distributions whose parameters a network gives. */
export interface Family {
  /** The names of its parameters, one output of the network for each. */
  readonly parameters: readonly string[];
  /**
   * Reads the outputs of one step, from index `from` on, as parameters in the target's own unit; returns the mean. An
   * output y stands for `base + std * y`.
   */
  read(output: Float32Array, from: number, base: number, std: number, parameters: Float64Array): number;
  /** The quantile p, 0 < p < 1, given z, the quantile p of the standard normal distribution. */
  quantile(parameters: Float64Array, p: number, z: number): number;
  /** A value of the distribution, drawn by two independent numbers, uniform in (0, 1). */
  draw(parameters: Float64Array, first: number, second: number): number;
  /** As in `Head`. */
  start(changes: Float32Array, anchored: boolean): number[];
}
