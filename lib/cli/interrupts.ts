import { fromEvent, merge, type Observable, take, tap } from 'rxjs';

/**
 * Emits once, at the first of these signals. A SIGINT after it does nothing: npm hands Ctrl-C on to a command that has
 * it from the terminal already, and the second must not end the process while it tidies up.
 */
export function interrupts(...signals: NodeJS.Signals[]): Observable<unknown> {
  return merge(...signals.map((signal) => fromEvent(process, signal))).pipe(
    tap(() => process.on('SIGINT', () => {})),
    take(1),
  );
}
