import { describe, expect, it } from 'vitest';
import { Scoreboard } from '../../lib/live/scoreboard.ts';

/** Feeds `board` with `length` samples of `truth` and what `predict` forecasts from the index of the sample. */
function run(
  board: Scoreboard,
  length: number,
  truth: (t: number) => number[],
  predict: (t: number) => number[],
  room = 0.5,
) {
  return Array.from({ length }, (_, t) => board.take(Float64Array.from(truth(t)), band(predict(t), room)));
}

function band(values: number[], room: number) {
  const mean = Float64Array.from(values);
  return { mean, lower: mean.map((v) => v - room), upper: mean.map((v) => v + room) };
}

describe('Scoreboard', () => {
  it('gives a perfect forecaster on y = t full skill', () => {
    const board = new Scoreboard(1, 4);
    run(
      board,
      50,
      (t) => [t],
      (t) => [t + 1, t + 2, t + 3, t + 4],
    );
    expect(board.read().sensors).toEqual([{ skill: 1, coverage: 1 }]);
  });

  it('sees a forecaster that is one step late: its error over that of the mean lead', () => {
    const board = new Scoreboard(1, 4);
    run(
      board,
      50,
      (t) => [t],
      (t) => [t, t + 1, t + 2, t + 3],
    );
    // Of the first three samples scored, one, two and three steps had been forecast, of the other 46 all four.
    const naive = (1 + 1.5 + 2 + 46 * 2.5) / 49;
    expect(board.read().sensors[0]!.skill).toBeCloseTo(1 - 1 / naive, 12);
    expect(board.read().sensors[0]!.coverage).toBe(0);
  });

  it('gives repeating the last value a skill of zero', () => {
    const board = new Scoreboard(1, 3);
    const y = (t: number) => Math.sin(t * t);
    run(
      board,
      80,
      (t) => [y(t)],
      (t) => [y(t), y(t), y(t)],
    );
    expect(board.read().skill).toBe(0);
  });

  it('counts the share of true values inside the interval', () => {
    const board = new Scoreboard(1, 1);
    // The truth is 0.4 off in three of four samples and 0.6 off in the fourth.
    run(
      board,
      401,
      (t) => [t + (t % 4 === 0 ? 0.6 : 0.4)],
      (t) => [t + 1],
    );
    expect(board.read().coverage).toBeCloseTo(0.75, 12);
  });

  it('forgets what was long ago', () => {
    const board = new Scoreboard(1, 1);
    run(
      board,
      5000,
      (t) => [t],
      (t) => [t < 1000 ? t - 1 : t + 1],
    );
    expect(board.read().skill).toBeGreaterThan(0.99);
    expect(board.read().coverage).toBeGreaterThan(0.99);
  });

  it('keeps targets apart, says nothing of one that stands still, and takes the median of the others', () => {
    const board = new Scoreboard(4, 1);
    run(
      board,
      30,
      (t) => [7, t, t, t],
      (t) => [7, t + 1, t + 0.5, t - 2],
    );
    const { sensors, ...all } = board.read();
    expect(sensors[0]).toEqual({ skill: undefined, coverage: undefined });
    expect(sensors.slice(1).map(({ skill }) => skill)).toEqual([1, 0.5, -2]);
    expect(all).toEqual({ skill: 0.5, moving: 3, better: 2, coverage: expect.closeTo(2 / 3, 12) });
  });

  it('has no score before a truth has come, and leaves missing values out', () => {
    const board = new Scoreboard(1, 2);
    const nothing = { skill: undefined, coverage: undefined };
    expect(board.read()).toEqual({ ...nothing, sensors: [nothing], moving: 0, better: 0 });
    run(
      board,
      40,
      (t) => [t === 20 ? Number.NaN : t],
      (t) => [t + 1, t + 2],
    );
    expect(board.read().skill).toBe(1);
  });

  it('scores what was said before a pause in forecasting', () => {
    const board = new Scoreboard(1, 3);
    board.take(Float64Array.of(0), band([1, 2, 4], 0.5));
    for (let t = 1; t < 10; t++) board.take(Float64Array.of(t));
    // The errors are 0, 0 and 1, those of repeating the last value 1, 2 and 3.
    expect(board.read()).toMatchObject({ skill: 1 - 1 / 6, coverage: expect.closeTo(2 / 3, 12) });
  });

  it('goes on by steps whose samples are missing', () => {
    const board = new Scoreboard(1, 3);
    board.take(Float64Array.of(0), band([1, 2, 3], 0.5));
    board.skip(2);
    expect(board.take(Float64Array.of(3))).toEqual({ lower: Float64Array.of(2.5), upper: Float64Array.of(3.5) });
    expect(board.read()).toMatchObject({ skill: 1, coverage: 1 });
    board.take(Float64Array.of(4), band([5, 6, 7], 0.5));
    board.skip(1e9);
    expect(board.take(Float64Array.of(100))).toBeUndefined();
    expect(board.read()).toMatchObject({ skill: 1, coverage: 1 });
  });

  it('gives back what had been said of this sample a whole horizon ago', () => {
    const board = new Scoreboard(2, 2);
    const bands = run(
      board,
      5,
      (t) => [t, 10 * t],
      (t) => [t + 1, t + 2, 10 * t + 10, 10 * t + 20],
    );
    expect(bands.slice(0, 2)).toEqual([undefined, undefined]);
    expect(bands[3]).toEqual({ lower: Float64Array.of(2.5, 29.5), upper: Float64Array.of(3.5, 30.5) });
  });
});
