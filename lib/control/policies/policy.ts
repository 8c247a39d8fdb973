/** A way to decide. It is a value without memory; each `start` gives a fresh memory of its own. */
export interface Policy<In, Out> {
  /** Gives the function that takes one input after the other and returns what is decided. */
  start(): (input: In) => Out;
}
