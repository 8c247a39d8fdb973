const NONE = -1;

/**
 * Streams in order of their last use. Each use is appended, and a stream holds the position of its newest use. So a use
 * costs the processor one distant memory access, where links to the neighbours in a list would cost several.
 */
export class UseLog {
  /** Per stream, the position of its newest use; NONE if there is none. */
  #newest: Int32Array;
  /** Per use, the stream and the time; only the newest use of a stream counts. */
  #streams: Int32Array;
  #times: Float64Array;
  #from = 0;
  #to = 0;

  constructor(room: number) {
    this.#newest = new Int32Array(room).fill(NONE);
    this.#streams = new Int32Array(2 * room);
    this.#times = new Float64Array(2 * room);
  }

  add(stream: number, time: number): void {
    if (this.#to === this.#streams.length) this.#tidy();
    const place = this.#to++;
    this.#streams[place] = stream;
    this.#times[place] = time;
    this.#newest[stream] = place;
  }

  delete(stream: number): void {
    this.#newest[stream] = NONE;
  }

  /** The least recently used stream, and the time of that use; undefined if none was used. */
  oldest(): { stream: number; time: number } | undefined {
    while (this.#from < this.#to && !this.#counts(this.#from)) this.#from++;
    if (this.#from === this.#to) return undefined;
    return { stream: this.#streams[this.#from]!, time: this.#times[this.#from]! };
  }

  grow(room: number): void {
    this.#newest = larger(this.#newest, new Int32Array(room).fill(NONE));
    this.#streams = larger(this.#streams, new Int32Array(2 * room));
    this.#times = larger(this.#times, new Float64Array(2 * room));
  }

  #counts(place: number): boolean {
    return this.#newest[this.#streams[place]!] === place;
  }

  /** Moves the uses that count to the front. There is at most one per stream, so half of the log becomes free. */
  #tidy(): void {
    let to = 0;
    for (let place = this.#from; place < this.#to; place++) {
      if (!this.#counts(place)) continue;
      const stream = this.#streams[place]!;
      this.#streams[to] = stream;
      this.#times[to] = this.#times[place]!;
      this.#newest[stream] = to++;
    }
    this.#from = 0;
    this.#to = to;
  }
}

function larger<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
