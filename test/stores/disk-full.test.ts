import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { KINDS } from './kinds.ts';

const child = fileURLToPath(new URL('children/fill-disk.ts', import.meta.url));

test.runIf(process.platform === 'linux').each(KINDS.filter(({ durable }) => durable))(
  '$name keeps what does not fit onto the disk, and writes it once it does',
  ({ name }) => {
    const folder = mkdtempSync(join(tmpdir(), 'gatecast-full-'));
    const limited = 'ulimit -f 2000; exec "$0" --import tsx "$@"'; // in KiB
    const { stdout, stderr } = spawnSync('bash', ['-c', limited, process.execPath, child, name, folder], {
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      tooLarge: ['io', 'io'],
      kept: [4001, 77],
      small: 'done',
      keys: ['key 0', 'small'],
      meta: 'large',
    });
  },
);
