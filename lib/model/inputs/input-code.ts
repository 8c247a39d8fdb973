/** How an input of one kind becomes inputs of the network; a file of this folder for each kind. */
export interface InputCode {
  /** How many inputs of the network it becomes. */
  readonly width: number;
  /** True for a plain number, which the scaler or the scale of a stream scales. */
  readonly plain: boolean;
  /** Whether the network can take this value. */
  takes(value: number): boolean;
  /** Writes a value, in the input's own unit, into `out[to]` and the places after it. */
  write(value: number, out: Float32Array, to: number): void;
}
