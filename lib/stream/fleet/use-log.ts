const NONE = -1;

/**
 * Streams in the order of their use. Each use is written behind those before, and a stream knows the place of its
 * newest: what the processor has to fetch for a use is that one number, where links to the neighbours would be many far
 * ones.
 */
export class UseLog {
  /** Of each stream, the place of its newest use; NONE where there is none. */
  #newest: Int32Array;
  /** Of each use, the stream and the time; only the newest of a stream counts. */
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

  /** The stream that was not used for longest, and since when; undefined where none was used. */
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

  /** Moves the uses that count to the front: at most one for each stream, so half of the log becomes free. */
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
