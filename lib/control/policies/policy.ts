/** A way to decide. The policy itself has no memory; each `start` gives it a fresh one. */
export interface Policy<In, Out> {
  /** Returns a function that takes one input after the other and returns the decision. */
  start(): (input: In) => Out;
}
