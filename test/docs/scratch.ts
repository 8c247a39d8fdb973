import { type ChildProcess, execFileSync, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
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
  /** Runs programs; undefined before the first. */
  #host: ChildProcess | undefined;

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

  /** Runs a program that is JavaScript already, with `gatecast` being the built package. One at a time. */
  async node(path: string): Promise<Outcome> {
    this.#host ??= fork(join(root, 'test', 'docs', 'host.mjs'), { cwd: this.folder, env: this.#env, execArgv: [] });
    const host = this.#host;
    host.send(join(this.folder, path));
    const heard = new AbortController();
    const { signal } = heard;
    const [outcome] = (await Promise.race([once(host, 'message', { signal }), once(host, 'exit', { signal })])) as [
      Outcome | number,
    ];
    heard.abort();
    if (typeof outcome === 'object' && outcome !== null) return outcome;
    this.#host = undefined;
    return { status: outcome, output: 'the process of the page ended' };
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
    this.#host?.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get #env(): NodeJS.ProcessEnv {
    const PATH = `${this.#tools}${delimiter}${process.env.PATH}`;
    return { ...process.env, PATH, NODE_ENV: undefined };
  }

  #run(program: string, words: string[]): Promise<Outcome> {
    return new Promise((resolve) => {
      const child = spawn(program, words, {
        cwd: this.folder,
        env: this.#env,
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
