import { BehaviorSubject, type ObservableInput, of } from 'rxjs';
import type { Forecaster } from '../model/forecaster.ts';
import { LiveModel } from '../stream/swap/live-model.ts';
import type { Row } from './history.ts';

/** Recent samples on which a model is warmed before it answers. */
const WARM = 600;

/** The stream that answers, whose models follow one another. They are disposed, all but the one in use. */
export class Models {
  /** Undefined before the first model. */
  readonly live$ = new BehaviorSubject<LiveModel | undefined>(undefined);
  /** Models that took over from another. */
  refits = 0;

  get inUse(): Forecaster | undefined {
    return this.live$.value?.model;
  }

  /**
   * Lets a model answer, warmed on `recent` samples or those that the stream has kept. The old one answers until the
   * new one is warm. Fails with what the new one throws; the old one then goes on.
   */
  use(model: Forecaster, recent: readonly Row[]): ObservableInput<void> {
    const live = this.live$.value;
    return live === undefined ? of(this.#begin(model, recent)) : this.#swap(live, model);
  }

  /** Frees the stream; the model in use remains. */
  dispose(): void {
    this.live$.value?.dispose();
  }

  #begin(model: Forecaster, recent: readonly Row[]): void {
    const live = new LiveModel(model, { gap: 'hold', calibrate: true, recent: WARM });
    for (const sample of recent.slice(-WARM)) live.step(sample);
    live.changes$.subscribe(({ from }) => {
      this.refits++;
      from.dispose();
    });
    this.live$.next(live);
  }

  async #swap(live: LiveModel, model: Forecaster): Promise<void> {
    let switched = false;
    try {
      const outcome = await live.swap(model, { revertible: 0 });
      ({ switched } = outcome);
      if (outcome.reason === 'failed') throw outcome.error;
    } finally {
      if (!switched) model.dispose();
    }
  }
}
