import { expect, it, onTestFinished } from 'vitest';
import { interrupts } from '../../lib/cli/interrupts.ts';

it('emits once and ends, and a SIGINT after that finds a listener, so it does not kill the process', () => {
  const before = process.listeners('SIGINT');
  onTestFinished(() => {
    for (const listener of process.listeners('SIGINT')) {
      if (!before.includes(listener)) process.off('SIGINT', listener);
    }
  });
  const seen: string[] = [];
  interrupts('SIGINT', 'SIGHUP').subscribe({ next: () => seen.push('next'), complete: () => seen.push('complete') });
  process.emit('SIGINT');
  expect(seen).toEqual(['next', 'complete']);
  expect(process.listenerCount('SIGINT')).toBeGreaterThan(before.length);
  process.emit('SIGINT');
  expect(seen).toHaveLength(2);
});
