import { filter, lastValueFrom, map, type Observable, take, tap } from 'rxjs';
import { GatecastError } from '../base/errors.ts';
import { compareWithBaselines } from '../batch/compare-with-baselines.ts';
import { seriesOf } from '../data/series.ts';
import type { Table } from '../data/table.ts';
import type { Forecaster } from '../model/forecaster.ts';
import type { NetworkOptions } from '../train/models/choose-model.ts';
import { trainUntil } from '../train/train.ts';
import { shareBudget } from './budget.ts';
import { type Candidate, candidatesOf, countOf, optionsOfKind, rivalsOf } from './candidates.ts';
import { contestant, medianRun, summarize, windowTest } from './contest.ts';
import { Ending, trainingTime } from './ending.ts';
import type { CheckedOptions } from './options.ts';
import { chooseCandidate, recommend } from './recommend.ts';
import type { CompareModelsProgress, ModelComparison } from './result.ts';
import { type Rows, splitRows } from './rows.ts';
import { runTrial, SCALE, type TrialRun } from './trial.ts';

type Emit = (progress: CompareModelsProgress) => void;

/** Most passes of a kind that are timed to plan the others, and the share of the budget that this may take of all. */
const PROBED_PASSES = 5;
const PROBE_SHARE = 0.05;

/** A candidate, the passes of each of its trainings, and whether LSTMs are to stand beside it. */
interface Entry {
  readonly candidate: Candidate;
  readonly epochs: number;
  readonly contested: boolean;
}

/** A comparison that runs, and the trainings that it has done. */
export class Run {
  readonly #tables: ReadonlyMap<string, Table>;
  readonly #options: CheckedOptions;
  readonly #signal: AbortSignal;
  readonly #rows: Rows;
  readonly #begun = performance.now();
  readonly #runs = new Map<Candidate, TrialRun[]>();
  readonly #notes: string[] = [];
  #failure: GatecastError | undefined;

  /** Throws `invalid-data` for rows that cannot be compared on. `signal` ends everything without a result. */
  constructor(tables: ReadonlyMap<string, Table>, options: CheckedOptions, signal: AbortSignal) {
    const { train, test } = options;
    this.#tables = tables;
    this.#options = options;
    this.#signal = signal;
    this.#rows = splitRows(tables, train.horizon, [train.targets ?? []].flat(), test);
  }

  async all(emit: Emit): Promise<void> {
    const { budget, stop } = this.#options;
    const ending = new Ending(budget, 0, [stop, this.#signal]);
    let kept: TrialRun | undefined;
    try {
      await this.#train(ending.signal, emit);
      if (this.#signal.aborted) return;
      if (ending.isLate) this.#notes.push('The time was over before all trainings were done.');
      else if (ending.signal.aborted) this.#notes.push('The comparison was ended before all trainings were done.');
      const result = await this.#judge();
      kept = [...this.#runs.values()].flat().find(({ model }) => model === result.model);
      const last = kept!.trial;
      emit({ ...this.#progress(last.candidate, last.seed, this.#done), result });
    } finally {
      ending.release();
      for (const run of [...this.#runs.values()].flat()) if (run !== kept) run.model.dispose();
    }
  }

  get #done(): number {
    return [...this.#runs.values()].flat().length;
  }

  async #train(stop: AbortSignal, emit: Emit): Promise<void> {
    const { entries, seeds, count } = await this.#plan(stop);
    let expected = count;
    for (const seed of seeds) {
      for (let i = 0; i < entries.length && !stop.aborted; i++) {
        const { candidate, epochs, contested } = entries[i]!;
        const { name } = candidate;
        const options = { ...this.#training(candidate, seed), epochs };
        const test = { tables: this.#tables, from: this.#rows.from };
        const trials = seeds.length * expected;
        const run = await this.#attempt(candidate, () =>
          runTrial(this.#rows.known, options, name, test, stop, (training) => {
            const { forecaster: _model, compare: _compare, validate: _validate, ...progress } = training;
            emit({ ...this.#progress(name, seed, trials), training: progress });
          }),
        );
        if (!run) continue;
        const runs = this.#runs.get(candidate);
        this.#runs.set(candidate, [...(runs ?? []), run]);
        if (runs || !contested) continue;
        const rivals = rivalsOf(candidate, (run.model as Forecaster).description.network);
        // after one of each kind, of which a short time is to show as many as can be
        entries.push(...rivals.map((rival) => ({ candidate: rival, epochs, contested: false })));
        expected = entries.length;
      }
    }
  }

  /** The candidates with their passes, the seeds, and how many candidates there will be at most. */
  async #plan(stop: AbortSignal): Promise<{ entries: Entry[]; seeds: readonly number[]; count: number }> {
    const { models, train, seeds, budget } = this.#options;
    const timed: { candidate: Candidate; pass: number; epochs: number; candidates: number }[] = [];
    for (const [place, candidate] of candidatesOf(models, train).entries()) {
      const probe = await this.#attempt(candidate, () => this.#probe(candidate, stop));
      if (probe) timed.push({ candidate, ...probe, candidates: countOf(candidate.kind, place) });
    }
    if (timed.length === 0) {
      if (this.#failure && !stop.aborted) throw this.#failure;
      return { entries: [], seeds: [], count: 0 };
    }
    const left = (trainingTime(budget) - (performance.now() - this.#begun)) / 1000;
    const plan = shareBudget({ seconds: left, seeds: seeds.length, kinds: timed });
    const entries = timed.map(({ candidate, epochs: asked, candidates }, i): Entry => {
      const epochs = plan.epochs[i]!;
      const whose = models.length > 1 ? ` of ${candidate.kind}` : '';
      if (epochs < asked) this.#note(`at most ${epochs} of ${asked} passes${whose}`);
      return { candidate, epochs, contested: candidates > 1 };
    });
    if (plan.seeds < seeds.length) this.#note(`${plan.seeds} of ${seeds.length} seeds`);
    const count = timed.reduce((sum, { candidates }) => sum + candidates, 0);
    return { entries, seeds: seeds.slice(0, plan.seeds), count };
  }

  /** What work on a candidate gives; undefined, with a note, if its kind cannot be trained on these rows. */
  async #attempt<T>({ kind }: Candidate, work: () => Promise<T | undefined>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const unfit = error instanceof GatecastError && ['invalid-argument', 'invalid-data'].includes(error.code);
      if (!unfit || this.#options.models.length === 1) throw error;
      this.#failure ??= error;
      this.#notes.push(`${kind} cannot be trained on these rows: ${error.message}`);
      return undefined;
    }
  }

  /**
   * The passes that a training wants, and how long the fastest of its first ones takes [s]: the very first also warms
   * the machine up. Undefined if the time is over before.
   */
  #probe(candidate: Candidate, stop: AbortSignal): Promise<{ epochs: number; pass: number } | undefined> {
    const { budget, models, seeds } = this.#options;
    const begun = performance.now();
    const most = (PROBE_SHARE * budget) / models.length;
    let before = begun;
    let pass = Number.POSITIVE_INFINITY;
    const timed: Observable<{ epochs: number; pass: number }> = trainUntil(
      stop,
      this.#rows.known,
      this.#training(candidate, seeds[0]!),
    ).pipe(
      tap(({ epoch, forecaster }) => {
        const now = performance.now();
        forecaster?.dispose();
        if (epoch > 0 && !forecaster) pass = Math.min(pass, (now - before) / 1000);
        before = now;
      }),
      filter(({ epoch, forecaster }) => {
        return forecaster !== undefined || epoch >= PROBED_PASSES || (epoch > 0 && before - begun > most);
      }),
      take(1),
      map(({ epochs }) => ({ epochs, pass })),
    );
    return lastValueFrom(timed, { defaultValue: undefined });
  }

  #training({ kind, cell, hidden }: Candidate, seed: number): NetworkOptions {
    return { ...optionsOfKind(kind, this.#options.train), cell, hidden, seed };
  }

  async #judge(): Promise<ModelComparison> {
    const { train, budget, stop } = this.#options;
    if (this.#runs.size === 0) {
      const why = stop?.aborted ? 'it was ended' : `its ${budget / 1000} s were over`;
      const message = `Expected one network to be trained in the comparison but ${why} before that.`;
      throw new GatecastError('invalid-argument', message);
    }
    const { from } = this.#rows;
    const candidates = [...this.#runs].map(([candidate, runs]) => summarize(candidate, runs));
    const runs = new Map([...this.#runs].map(([{ name }, own]) => [name, own]));
    const contestants = candidates.map((each) => contestant(each, runs.get(each.name)!));
    const test = windowTest(runs, train.horizon);
    const chosen = chooseCandidate(contestants, test);
    const { model } = medianRun(runs.get(chosen.name)!);
    const baselines = await compareWithBaselines(model, seriesOf(this.#tables), { from, scale: SCALE });
    const { best, noise } = baselines;
    const baseline = { name: best, error: baselines.baselines[best]!.scaled.mse, verdict: noise?.verdict };
    return {
      recommendation: recommend(contestants, chosen, test, baseline),
      candidates,
      trials: [...runs.values()].flat().map(({ trial }) => trial),
      chosen: chosen.name,
      baselines,
      model,
      from,
      notes: [...this.#notes, ...fewerWindows(runs)],
      seconds: (performance.now() - this.#begun) / 1000,
    };
  }

  #note(what: string): void {
    this.#notes.push(`The budget has time for ${what}.`);
  }

  #progress(candidate: string, seed: number, trials: number): CompareModelsProgress {
    return { done: this.#done, trials, candidate, seed };
  }
}

/** Which candidates were scored on fewer windows than others, because they need more rows before the first. */
function fewerWindows(runs: ReadonlyMap<string, readonly TrialRun[]>): string[] {
  const windows = [...runs].map(([name, [first]]) => [name, first!.trial.score.windows] as const);
  const most = Math.max(...windows.map(([, count]) => count));
  return windows
    .filter(([, count]) => count < most)
    .map(([name, count]) => `${name} was scored on ${count} of ${most} windows: it needs more rows before the first.`);
}
