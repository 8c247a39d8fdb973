import { firstValueFrom, from, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { StreamMetrics } from '../../lib/metrics/stream-metrics.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import type { Gap } from '../../lib/model/gap.ts';
import { Scaler } from '../../lib/model/scaler.ts';
import { AnomalyState } from '../../lib/stream/anomaly/anomaly-state.ts';
import { forecastBy } from '../../lib/stream/fleet/forecast-by.ts';
import { StreamCounters } from '../../lib/stream/stream-counters.ts';
import { KeyedStreams } from '../../lib/stream/fleet/keyed-streams.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { LiveModel } from '../../lib/stream/swap/live-model.ts';
import { describeModel, partsFor } from '../support/models.ts';

const NAN = Number.NaN;

/** A forecaster of `names[0]`, as if it had been trained with missing values. */
function modelOf(names: readonly string[], gap: Gap | undefined): Forecaster {
  const description = describeModel({
    inputs: names.map((name) => ({ name })),
    targets: [names[0]!],
    lookback: 5,
    ...(gap !== undefined && { gap }),
  });
  const scaler = new Scaler(names, new Float64Array(names.length).fill(1), new Float64Array(names.length).fill(2));
  return Forecaster.from({ ...partsFor(description), scaler });
}

const holding = modelOf(['flow', 'speed'], 'hold');
const telling = modelOf(['flow', 'speed', 'flow_missing'], { flow: 'mask' });
const plain = modelOf(['flow', 'speed'], undefined);

describe('a stream of a model that was trained with missing values', () => {
  test('fills them by itself, as one of another model does when it is asked to', () => {
    const samples = [
      [4, 1],
      [NAN, 2],
      [6, NAN],
      [NAN, NAN],
    ];
    const answers = (model: Forecaster, options = {}) => {
      const state = new StreamState(model, options);
      return samples.map((values) => state.step(values)?.mean);
    };
    expect(answers(holding)).toEqual(answers(plain, { gap: 'hold' }));
    expect(answers(plain).slice(1)).toEqual([undefined, undefined, undefined]);
    const state = new StreamState(holding);
    expect(samples.map((values) => state.step(values)!.trust!.ages)).toEqual([
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 2],
    ]);
  });

  test.each<[string, object, number]>([
    ['lookback samples', {}, 5],
    ['as long as resetAfter', { resetAfter: '3s' }, 3],
  ])('starts anew after samples without any value for %s', (_, options, most) => {
    for (const empty of [most - 1, most]) {
      const metrics = new StreamMetrics();
      const state = new StreamState(holding, options, metrics);
      const values = [[4, 1], [5, 2], ...Array.from({ length: empty }, () => [NAN, NAN]), [7, 3], [8, NAN]];
      const last = values.map((sample, i) => state.step({ at: 1000 * i, values: sample })).at(-1)!;
      const fresh = new StreamState(holding, options);
      const [one, two] = [
        { at: 0, values: [7, 3] },
        { at: 1000, values: [8, NAN] },
      ];
      fresh.step(one);
      const anew = empty === most;
      expect([...last.mean]).toEqual(
        anew ? [...fresh.step(two)!.mean] : expect.not.arrayContaining([...fresh.step(two)!.mean]),
      );
      expect(state.samples).toBe(anew ? 2 : values.length);
      expect(metrics.reader().read().counters.resets).toBe(anew ? 1 : 0);
    }
  });

  test('has samples without the inputs that tell what is missing, in every form', async () => {
    const forms = [
      [
        [4, 1],
        [NAN, 2],
      ],
      [{ flow: 4, speed: 1 }, { speed: 2 }],
    ];
    const [lists, names] = forms.map((values) => {
      const state = new StreamState(telling);
      return (values as number[][]).map((sample) => [...state.step({ values: sample })!.mean]);
    });
    expect(names).toEqual(lists);
    const live = new LiveModel(telling);
    const shown = await firstValueFrom(from(forms[0] as number[][]).pipe(forecast(live), toArray()));
    expect(shown.map(({ mean }) => [...mean])).toEqual(lists);
    const fleet = new KeyedStreams<string>(telling);
    const samples = (forms[1] as object[]).map((values) => ({ values: values as Record<string, number> }));
    const keyed = await firstValueFrom(
      from(samples).pipe(
        forecastBy(() => 'a', fleet),
        toArray(),
      ),
    );
    expect(keyed.map(({ mean }) => [...mean])).toEqual(lists);
    const alone = modelOf(['flow', 'flow_missing', 'flow_elapsed'], 'elapsed');
    expect(new StreamState(alone).step(3)!.mean).toEqual(new StreamState(alone).step([3])!.mean);
  });

  test('told of nothing missing, gives what a bare state gives', () => {
    const state = telling.createState();
    const stream = new StreamState(telling);
    for (const values of [
      [4, 1],
      [5, 2],
    ])
      expect([...state.step(values)!.mean]).toEqual([...stream.step(values)!.mean]);
    expect(state.step([NAN, 1])).toBeUndefined();
  });
});

test('a stream of anomalies fills missing values by itself, too', () => {
  const judged = (model: Forecaster, options = {}) => {
    const state = new AnomalyState(model, { interval: '1s', ...options });
    return [
      [4, 1],
      [6, NAN],
      [5, 1],
    ].map((values, i) => state.step({ at: 1000 * i, values })?.score);
  };
  expect(judged(holding)).toEqual(judged(plain, { gap: 'hold' }));
  expect(judged(plain)[1]).toBeUndefined(); // an invalid sample
  expect(judged(telling).every((score) => score !== undefined)).toBe(true);
});

test.each<[string, object, number]>([
  ['lookback samples', {}, 5],
  ['as long as resetAfter', { resetAfter: '3s' }, 3],
])('a stream of its anomalies starts anew after samples without any value for %s', (_, options, most) => {
  const judged = (empty: number, more: object) => {
    const metrics = new StreamMetrics();
    const state = new AnomalyState(holding, { interval: '1s', warmup: 2, ...more }, new StreamCounters(metrics));
    const answers = Array.from({ length: 40 }, (_, i) => {
      const silent = i >= 20 && i < 20 + empty;
      return state.step({ at: 1000 * i, values: silent ? [NAN, NAN] : [4 + Math.sin(i), Math.cos(i)] });
    });
    return { after: answers.slice(20 + empty), resets: metrics.reader().read().counters.resets };
  };
  const never = { resetAfter: '1h' };
  expect(judged(most - 1, options)).toEqual(judged(most - 1, never));
  const [anew, on] = [judged(most, options), judged(most, never)];
  expect([anew.resets, on.resets]).toEqual([1, 0]);
  const scores = ({ after }: typeof anew) => after.map((judgement) => judgement!.score);
  expect(scores(anew)[0]).toBe(scores(on)[0]); // no forecast was made of it from a value
  expect(scores(anew).slice(1)).not.toEqual(scores(on).slice(1)); // the network knows nothing from before
});
