import { fromEvent, merge, type Observable, take, tap } from 'rxjs';

/**
 * Emits once, at the first of these signals. A further SIGINT does nothing: npm passes Ctrl-C on to a command that has
 * received it from the terminal already, and the second one must not end the process while it tidies up.
 */
export function interrupts(...signals: NodeJS.Signals[]): Observable<unknown> {
  return merge(...signals.map((signal) => fromEvent(process, signal))).pipe(
    tap(() => process.on('SIGINT', () => {})),
    take(1),
  );
}
