import { RecordingWriter } from '../../recording/recording-writer.ts';
import type { Forecast } from '../../model/forecast.ts';
import type { Sample } from '../../model/sample.ts';
import type { RecordCounts } from './record.ts';
import { RecordEncoder } from '../../recording/record-encoder.ts';
import type { Ending, RecordingHeader } from '../../recording/recording-records.ts';

/** How a recorder uses the disk. */
export interface RecorderOptions {
  readonly flush: number;
  readonly buffer: number;
  readonly whenFull: 'block' | 'drop';
}

/** The recording of one subscription. */
export class Recorder {
  readonly #writer: RecordingWriter;
  readonly #encoder: RecordEncoder;
  readonly #counts: RecordCounts;
  readonly #options: RecorderOptions;
  #lostSamples = 0;
  #lostForecasts = 0;
  #ended = false;

  /** Creates the file. `isPlan` as for `RecordEncoder`. Throws `io`. */
  constructor(
    file: string,
    header: RecordingHeader,
    counts: RecordCounts,
    options: RecorderOptions,
    isPlan?: (name: string) => boolean,
  ) {
    this.#writer = new RecordingWriter(file, options.flush);
    this.#encoder = new RecordEncoder(this.#writer, isPlan);
    this.#counts = counts;
    this.#options = options;
    this.#encoder.header(header);
  }

  sample(sample: Sample, arrival: number, key: string | undefined): void {
    if (this.#admits()) {
      this.#encoder.sample(sample, arrival, key);
      this.#counts.samples++;
    } else {
      this.#lostSamples++;
    }
  }

  forecast(forecast: Forecast): void {
    if (this.#admits()) {
      this.#encoder.forecast(forecast);
      this.#counts.forecasts++;
    } else {
      this.#lostForecasts++;
    }
  }

  /** Writes everything and closes the file. Throws `io`. Only the first call has an effect. */
  end(ending: Ending): void {
    if (this.#ended) return;
    this.#ended = true;
    try {
      this.#admitLost();
      this.#encoder.end(ending);
    } finally {
      this.#writer.close();
    }
  }

  /** Whether there is room for another record; waits for the disk if that is the policy. */
  #admits(): boolean {
    this.#writer.check(); // a failing disk must not be taken for a slow one
    const { buffer, whenFull } = this.#options;
    if (this.#writer.waitingBytes > buffer) {
      if (whenFull === 'drop') {
        this.#counts.dropped++;
        return false;
      }
      this.#counts.blocked++;
      this.#writer.drain();
    }
    this.#admitLost();
    return true;
  }

  /** Records how many samples and forecasts are missing. */
  #admitLost(): void {
    if (this.#lostSamples + this.#lostForecasts === 0) return;
    this.#encoder.lost(this.#lostSamples, this.#lostForecasts);
    this.#lostSamples = 0;
    this.#lostForecasts = 0;
  }
}
