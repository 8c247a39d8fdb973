import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

export interface Outcome {
  status: number | null;
  /** Standard output and error, in the order of each. */
  output: string;
}

/**
 * A copy of the project to run the blocks of one page in, so that they leave nothing behind: the examples and the files
 * of the project's own folder are copied, the other folders linked.
 */
export class Scratch {
  readonly folder = mkdtempSync(join(tmpdir(), 'gatecast-docs-'));
  readonly #tools = join(this.folder, '.tools');

  constructor() {
    const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0');
    const copied = tracked.filter((path) => path !== '' && (!path.includes('/') || path.startsWith('examples/')));
    for (const path of copied) if (existsSync(join(root, path))) cpSync(join(root, path), join(this.folder, path));
    const folders = new Set(tracked.filter((path) => path.includes('/')).map((path) => path.split('/')[0]!));
    for (const name of [...folders, 'node_modules', 'build', 'dist'])
      if (name !== 'examples') symlinkSync(join(root, name), join(this.folder, name));
    this.#writeTools();
  }

  tsc(...words: string[]): Promise<Outcome> {
    return this.#run(process.execPath, [join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc'), ...words]);
  }

  /** Runs a program that is JavaScript already, with `gatecast` being the built package. */
  node(path: string): Promise<Outcome> {
    return this.#run(process.execPath, [path]);
  }

  /** Runs a block with the plainest shell there is, as a stranger's may be. */
  shell(code: string): Promise<Outcome> {
    return this.#run('sh', ['-eu', '-c', code]);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  write(path: string, text: string): void {
    mkdirSync(join(this.folder, path, '..'), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #run(program: string, words: string[]): Promise<Outcome> {
    return new Promise((resolve) => {
      const PATH = `${this.#tools}${delimiter}${process.env.PATH}`;
      const env = { ...process.env, PATH, NODE_ENV: undefined };
      const child = spawn(program, words, {
        cwd: this.folder,
        env,
        timeout: 170_000,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [stdout, stderr]: string[][] = [[], []];
      child.stdout.setEncoding('utf8').on('data', (text: string) => stdout!.push(text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => stderr!.push(text));
      child.on('error', ({ message }) => stderr!.push(message));
      child.on('close', (status) => resolve({ status, output: [...stdout!, ...stderr!].join('') }));
    });
  }

  /** Stand-ins for the commands that docs/contributing.md names as not repeated, or run unattended. */
  #writeTools(): void {
    this.#tool('git', 'case "$1" in clone) ln -sfn . gatecast ;; *) exec "$real" "$@" ;; esac');
    this.#tool(
      'npm',
      `case "$1" in
  install|ci|test) ;;
  start)
    shift; if [ "\${1:-}" = -- ]; then shift; fi
    case " $* " in *" --seconds "*) ;; *) set -- "$@" --seconds ${startSeconds} ;; esac
    "$real" start --silent -- "$@" --json | head -n 3 ;;
  *) exec "$real" "$@" ;;
esac`,
    );
    // npm would link the scratch copy into its cache for good.
    this.#tool('npx', 'case "$1" in gatecast) shift; exec dist/cli/main.js "$@" ;; *) exec "$real" "$@" ;; esac');
    for (const name of ['sudo', 'apt-get', 'brew']) this.#tool(name, '');
  }

  #tool(name: string, body: string): void {
    const real = spawnSync('bash', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
    this.write(join('.tools', name), `#!/usr/bin/env bash\nset -o pipefail\nreal='${real}'\n${body}\n`);
    chmodSync(join(this.#tools, name), 0o755);
  }
}

/** How long `npm start` runs at most when a page does not say. */
const startSeconds = 120;
