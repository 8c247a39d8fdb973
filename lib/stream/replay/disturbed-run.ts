import { type Model, scalerOf } from '../../model/model.ts';
import { createRandom } from '../../base/random.ts';
import type { Sample } from '../../model/sample.ts';
import { isList } from '../../base/schema.ts';
import { type Delayed, Delays } from '../../recording/delays.ts';
import { type Disturbance, DisturbanceMeter } from './disturbance.ts';
import { FaultInjector } from '../../recording/faults.ts';
import type { LiveForecast } from '../../online/live-forecast.ts';
import type { CheckedReplayOptions } from './replay-options.ts';
import type { ReplayRun } from './replay-run.ts';

/** A sample on its way to the disturbed run. */
interface Numbered {
  readonly number: number;
  readonly key: string | undefined;
  readonly sample: Sample;
}

/** The samples as they would come with delays and faults, and what they come to. */
export class DisturbedRun {
  readonly underway: Delays<Numbered>;
  readonly run: ReplayRun;
  readonly #faults: FaultInjector;
  readonly #meter: DisturbanceMeter;

  constructor(model: Model, options: CheckedReplayOptions, run: ReplayRun) {
    const { faults = [], rate = 0.01, latency = 0, jitter = 0, seed = 0 } = options;
    this.underway = new Delays(latency, jitter, createRandom(seed * 8));
    this.run = run;
    const names = model.description.inputs.map(({ name }) => name);
    const std = faults.includes('spike') ? scalerOf(model, "the fault 'spike'").std : [];
    this.#faults = new FaultInjector({ names, std }, faults, rate, seed);
    this.#meter = new DisturbanceMeter(model.description.targets);
  }

  /** Sends off a sample that would arrive at `arrival` and then come to `forecast`. */
  send({ number, key, sample }: Numbered, arrival: number, forecast: LiveForecast | undefined): void {
    this.#meter.without(number, key, forecast);
    const spoiled = this.#faults.inject(sample, key);
    if (spoiled === undefined) this.#meter.lost(number, key);
    else this.underway.push({ number, key, sample: spoiled }, arrival);
  }

  arrive({ item: { number, key, sample }, delay }: Delayed<Numbered>): LiveForecast | undefined {
    const forecast = this.run.step(arrivingLater(sample, delay), key);
    this.#meter.with(number, key, forecast);
    return forecast;
  }

  report(): Disturbance {
    return this.#meter.report(this.#faults.counts);
  }
}

function arrivingLater(sample: Sample, delay: number): Sample {
  if (typeof sample !== 'object' || isList(sample) || sample.arrivedAt === undefined) return sample;
  return { ...sample, arrivedAt: sample.arrivedAt + delay };
}
