import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { onlineScores, readNab, temperatureFiles } from '../../bench/nab-series.ts';
import { windowedGaussian } from '../../bench/windowed-gaussian.ts';
import { bestNabScore, nabProfiles } from '../../lib/batch/nab.ts';

// The data set lies beside the project where its protocol is described, or these tests skip.
const folder = fileURLToPath(new URL('../../../shared/data/nab', import.meta.url));
const here = existsSync(folder);
if (!here) console.warn(`SKIPPED: the NAB tests need ${folder}`);

test.skipIf(!here)(
  'the detector that learns online finds 5 of 6 NAB windows, and beats the windowed Gaussian by every profile',
  async () => {
    const files = await readNab(folder, temperatureFiles);
    expect(files.map(({ values, windows }) => [values.length, windows.length])).toEqual([
      [7267, 2],
      [22_695, 4],
    ]);
    const online = files.map((file) => ({ windows: file.windows, scores: onlineScores(file) }));
    const baseline = files.map(({ windows, values }) => ({ windows, scores: windowedGaussian(values) }));
    for (const [profile, weights] of Object.entries(nabProfiles)) {
      const [ours, theirs] = [bestNabScore(online, weights), bestNabScore(baseline, weights)];
      console.log(
        `NAB ${profile}: ${ours.score.toFixed(1)}, ${ours.found} of ${ours.windows} windows, ` +
          `${ours.falseAlarms} false alarms; windowed Gaussian ${theirs.score.toFixed(1)}, ${theirs.found}`,
      );
      expect(ours.score).toBeGreaterThan(theirs.score);
      if (profile === 'standard') expect(ours.found).toBeGreaterThanOrEqual(5);
    }
  },
);

test.skipIf(!here)(
  'no score knows what comes after it: those of a prefix are the prefix of those, to the bit',
  async () => {
    for (const file of await readNab(folder, temperatureFiles)) {
      const whole = onlineScores(file);
      for (const rows of [1, 301, 4000, file.values.length - 1]) {
        const prefix = { at: file.at, values: file.values.subarray(0, rows) };
        expect(onlineScores(prefix)).toEqual(whole.subarray(0, rows));
      }
    }
  },
);
