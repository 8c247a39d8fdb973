import { Presets, SingleBar } from 'cli-progress';

/** Shows the progress of long work on stderr: a bar on a terminal, otherwise a line now and then. */
export interface Progress {
  update(done: number, note: string): void;
  stop(): void;
}

/** Time between two lines where there is no terminal [ms]. */
const LINE_EVERY = 1000;

export function showProgress(title: string, total: number): Progress {
  if (!process.stderr.isTTY) return plainLines(title, total);
  const format = `${title} {bar} {value}/{total} {note}`;
  const bar = new SingleBar({ format, stream: process.stderr, hideCursor: true, barsize: 24 }, Presets.shades_classic);
  bar.start(total, 0, { note: '' });
  return {
    update: (done, note) => bar.update(done, { note }),
    stop: () => bar.stop(),
  };
}

function plainLines(title: string, total: number): Progress {
  let last = 0;
  let pending = '';
  const print = () => {
    if (pending) process.stderr.write(pending);
    pending = '';
    last = performance.now();
  };
  return {
    update(done, note) {
      pending = `${title} ${done}/${total} ${note}\n`;
      if (performance.now() - last >= LINE_EVERY) print();
    },
    stop: print,
  };
}
