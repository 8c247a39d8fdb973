import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

// A terminal to run it in, from util-linux; the `script` of other systems takes other options.
const here = /util-linux/.test(spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout ?? '');
if (!here) console.warn('SKIPPED: the tests of gatecast live in a terminal need script (Debian: bsdutils)');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-terminal-'));
  const rows = Array.from({ length: 400 }, (_, t) => (20 + 5 * Math.sin(t / 4)).toFixed(4));
  writeFileSync(join(folder, 'wave.csv'), ['wave', ...rows].join('\n'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `gatecast live` in a terminal; `seen` waits for it to print something. */
function liveInTerminal(...words: string[]) {
  const command = `stty cols 120 rows 30; echo $$ > pid; exec ${process.execPath} ${main} live --csv wave.csv --horizon 6 --hz 20 ${words.join(' ')}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: folder,
    env: { ...process.env, TERM: 'xterm' },
  });
  let printed = '';
  child.stdout.on('data', (chunk) => (printed += String(chunk)));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const seen = async (text: string, from = 0) => {
    while (!printed.includes(text, from)) await new Promise((resolve) => setTimeout(resolve, 20));
    return printed.length;
  };
  const kill = (signal: NodeJS.Signals) => process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), signal);
  return { type: (keys: string) => child.stdin.write(keys), seen, kill, ended, printed: () => printed };
}

describe.skipIf(!here)('gatecast live in a terminal', () => {
  it('asks at its end whether to keep the model, and again when that file cannot be written', async () => {
    const live = liveInTerminal();
    await live.seen('µs a step');
    live.type('q');
    const asked = await live.seen('Keep the model?');
    live.type('/nonexistent/x.gatecast\n');
    await live.seen('Expected to write /nonexistent/x.gatecast but could not', asked);
    await live.seen('Keep the model?', asked);
    live.type('wave\n');
    expect(await live.ended).toBe(0);
    expect(live.printed()).toContain('Kept the model in wave.gatecast.');
    expect(existsSync(join(folder, 'wave.gatecast'))).toBe(true);
  });

  it.each(['SIGTERM', 'SIGHUP'] as const)(
    '%s ends it without a question, with the model kept where --save says',
    async (signal) => {
      const live = liveInTerminal('--save', `${signal}.gatecast`);
      await live.seen('µs a step');
      live.kill(signal);
      expect(await live.ended).toBe(0);
      expect(existsSync(join(folder, `${signal}.gatecast`))).toBe(true);
      const unsaved = liveInTerminal();
      await unsaved.seen('µs a step');
      unsaved.kill(signal);
      expect(await unsaved.ended).toBe(0);
      expect(unsaved.printed()).not.toContain('Keep the model?');
    },
  );
});
