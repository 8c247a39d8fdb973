// Learns with a checkpoint and writes the model; prints the number of each pass. Arguments: the checkpoint or '', the model.
import { train } from '../../../lib/train/train.ts';
import { noisySine } from '../series.ts';

// The time of the training is in the model's file, and nothing else of its bytes depends on the time.
const Clock = Date;
globalThis.Date = class extends Clock {
  constructor(...at: [] | [number]) {
    super(at[0] ?? 0);
  }
} as DateConstructor;

const [checkpoint, out] = process.argv.slice(2);
train(noisySine(500), {
  targets: 'sine',
  inputs: 'all',
  horizon: 4,
  lookback: 24,
  hidden: 16,
  layers: 2,
  dropout: 0.2,
  schedule: 'plateau',
  stateful: true,
  epochs: 24,
  ...(checkpoint !== '' && { checkpoint: checkpoint!, checkpointEvery: 3 }),
}).subscribe(({ epoch, forecaster }) => {
  process.stdout.write(`${epoch}\n`);
  void forecaster?.save(out!);
});
