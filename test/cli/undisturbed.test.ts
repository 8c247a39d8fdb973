import { expect, test, vi } from 'vitest';
import { undisturbed } from '../../lib/cli/undisturbed.ts';

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s while a file is written ends the process after it',
  async (signal) => {
    const done: unknown[] = [];
    const exit = vi.spyOn(process, 'exit').mockImplementation((code) => done.push(`exit ${code}`) as never);
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => done.push(text) > 0);
    const [before, listeners] = [process.listeners('SIGINT'), process.listenerCount(signal)];
    try {
      await undisturbed('a.gatecast', async () => {
        process.emit(signal);
        await new Promise(setImmediate);
        done.push('written');
      });
      expect(done).toEqual(['written', 'gatecast: interrupted, a.gatecast was written\n', 'exit 130']);
      done.length = 0;
      await undisturbed('b.gatecast', async () => void done.push('written'));
      await expect(undisturbed('c', () => Promise.reject(new Error('full')))).rejects.toThrow('full');
      expect(done).toEqual(['written']);
      expect(exit).toHaveBeenCalledTimes(1);
      if (signal !== 'SIGINT') expect(process.listenerCount(signal)).toBe(listeners);
    } finally {
      vi.restoreAllMocks();
      for (const listener of process.listeners('SIGINT'))
        if (!before.includes(listener)) process.off('SIGINT', listener);
    }
  },
);
