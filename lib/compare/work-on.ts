import { lastValueFrom, Observable } from 'rxjs';
import { misfit } from '../base/errors.ts';
import { type Data, gather, isSeries } from '../data/series.ts';
import { checkTable, type Table } from '../data/table.ts';

/** Long work on all rows, which emits its progress. `signal` aborts when nobody listens any more. */
type Work<P> = (tables: ReadonlyMap<string, Table>, signal: AbortSignal, emit: (progress: P) => void) => Promise<void>;

/** Work as an Observable: each subscription begins it anew, and unsubscribing ends it. Throws for a wrong table. */
export function workOn<P>(data: Data, work: Work<P>): Observable<P> {
  const series = isSeries(data) ? data : undefined;
  if (!series) checkTable(data as never, 'the table');
  return new Observable((subscriber) => {
    const abort = new AbortController();
    const run = async () => {
      const tables = series ? await gather(series) : new Map([['', data as Table]]);
      await work(tables, abort.signal, (progress) => subscriber.next(progress));
    };
    run().then(
      () => subscriber.complete(),
      (error: unknown) => subscriber.error(error),
    );
    return () => abort.abort();
  });
}

/** The result of work, which its last emission carries. */
export async function resultOf<R>(work: Observable<{ result?: R }>, what: string): Promise<R> {
  const { result } = await lastValueFrom(work);
  if (result !== undefined) return result;
  throw misfit(what, 'result', result);
}
