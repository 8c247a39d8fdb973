import { asyncScheduler, filter, merge, NEVER, type Observable, Subject, tap, throttleTime } from 'rxjs';
import type { About } from '../../live/about.ts';
import type { Snapshot } from '../../live/snapshot.ts';
import { jsonLine, plainLines } from './lines.ts';
import { Screen } from './screen.ts';
import { frame, status } from './view.ts';

/** Where a session is shown. */
export interface Output {
  show(snapshot: Snapshot): void;
  /** Emits when the person watching wants to end. */
  readonly endAsked: Observable<unknown>;
  /** Puts back what was changed to show something. */
  close(): void;
}

type Write = (line: string) => void;

const framesPerSecond = 15;

/** Draws the newest snapshot on the terminal, again when that is resized, and follows the keys that choose a sensor. */
export function screenOutput(about: About, input: NodeJS.ReadStream, output: NodeJS.WriteStream): Output {
  const screen = new Screen(input, output);
  const shown = new Subject<void>();
  let selected = 0;
  let newest: Snapshot | undefined;
  const moved = screen.wishes.pipe(
    filter((wish) => wish !== 'end'),
    tap((wish) => {
      selected = (selected + (wish === 'next' ? 1 : -1) + about.targets.length) % about.targets.length;
    }),
  );
  const drawing = merge(shown, moved, screen.resized)
    .pipe(throttleTime(1000 / framesPerSecond, asyncScheduler, { leading: true, trailing: true }))
    .subscribe(() => newest && screen.draw(frame(about, newest, selected, screen.size, screen.colour)));
  return {
    show(snapshot) {
      newest = snapshot;
      shown.next();
    },
    endAsked: screen.wishes.pipe(filter((wish) => wish === 'end')),
    close() {
      drawing.unsubscribe();
      screen.close();
    },
  };
}

/** Prints the state of things every few seconds, and when it changes. */
export function plainOutput(about: About, print: Write, now: () => number = Date.now): Output {
  const seconds = { collecting: 2, training: 2, live: 5 };
  let phase: string | undefined;
  let due = 0;
  return {
    show(snapshot) {
      const ready = snapshot.phase !== 'live' || snapshot.forecast !== undefined;
      if (!ready || (snapshot.phase === phase && now() < due)) return;
      phase = snapshot.phase;
      due = now() + seconds[snapshot.phase] * 1000;
      for (const line of plainLines(about, snapshot)) print(line);
    },
    endAsked: NEVER,
    close() {},
  };
}

/** Prints each forecast as a line of JSON; what comes before the first one is remarked. */
export function jsonOutput(about: About, print: Write, remark: Write): Output {
  let phase: string | undefined;
  return {
    show(snapshot) {
      if (snapshot.phase !== phase && snapshot.phase !== 'live') remark(status(about, snapshot, false));
      phase = snapshot.phase;
      if (snapshot.fresh && snapshot.forecast) print(jsonLine(about, snapshot));
    },
    endAsked: NEVER,
    close() {},
  };
}
