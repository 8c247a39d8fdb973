// Scores anomaly detectors as the Numenta Anomaly Benchmark does, with the same settings for every file.
//
//     npx tsx bench/nab.ts FOLDER [FILE ...]
//
// The folder holds CSV files with the columns timestamp and value, and windows.json; all files count unless some are named.
import { bestNabScore, nabProfiles } from '../lib/batch/nab.ts';
import { onlineScores, readNab } from './nab-series.ts';
import { windowedGaussian } from './windowed-gaussian.ts';

const [folder, ...names] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: npx tsx bench/nab.ts FOLDER [FILE ...]');
const series = await readNab(folder, names);
const detectors = {
  'learning online': series.map(onlineScores),
  'windowed Gaussian': series.map(({ values }) => windowedGaussian(values)),
};

console.log('detector            profile     score   windows   false alarms   threshold');
for (const [name, scores] of Object.entries(detectors)) {
  for (const [profile, weights] of Object.entries(nabProfiles)) {
    const judged = series.map(({ windows }, i) => ({ scores: scores[i]!, windows }));
    const best = bestNabScore(judged, weights);
    const cells = [
      name.padEnd(18),
      profile.padEnd(8),
      best.score.toFixed(1).padStart(8),
      `${best.found} of ${best.windows}`.padStart(9),
      String(best.falseAlarms).padStart(14),
      best.threshold.toPrecision(4).padStart(11),
    ];
    console.log(cells.join('  '));
  }
}
