// Draws a saved run again: npx tsx bench/draw.ts bench/results/FILE.json
import { plotSteps } from './plot.ts';
import { readRun } from './save.ts';

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('Expected the path of a saved run.');
for (const path of await plotSteps(readRun(file))) console.log(path);
