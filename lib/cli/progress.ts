import { Presets, SingleBar } from 'cli-progress';

/** Shows the progress of long work on stderr: a bar on a terminal, otherwise a line now and then. */
export interface Progress {
  /** `total` is the new total, if it has become another. */
  update(done: number, note: string, total?: number): void;
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
    update(done, note, now = total) {
      bar.setTotal(now);
      bar.update(done, { note });
    },
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
    update(done, note, now = total) {
      pending = `${title} ${done}/${now} ${note}\n`;
      if (performance.now() - last >= LINE_EVERY) print();
    },
    stop: print,
  };
}
