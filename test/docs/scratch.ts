import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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
 * A copy of the project to run the blocks of one page in, so that they leave nothing behind: sources and dist are
 * copied, node_modules and the native build are linked.
 */
export class Scratch {
  readonly folder = mkdtempSync(join(tmpdir(), 'gatecast-docs-'));
  readonly #tools = join(this.folder, '.tools');

  constructor() {
    const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
      cwd: root,
      encoding: 'utf8',
    });
    for (const path of listed.split('\0')) {
      if (path !== '' && existsSync(join(root, path))) cpSync(join(root, path), join(this.folder, path));
    }
    for (const name of ['node_modules', 'build']) symlinkSync(join(root, name), join(this.folder, name));
    cpSync(join(root, 'dist'), join(this.folder, 'dist'), { recursive: true }); // built before all tests
    this.#writeTools();
  }

  tsc(...words: string[]): Outcome {
    return this.#run(process.execPath, [join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc'), ...words]);
  }

  /** Runs a program that is JavaScript already, with `gatecast` being the built package. */
  node(path: string): Outcome {
    return this.#run(process.execPath, [path]);
  }

  /** Runs a block with the plainest shell there is, as a stranger's may be. */
  shell(code: string): Promise<Outcome> {
    return new Promise((resolve) => {
      const child = spawn('sh', ['-eu', '-c', code], { ...this.#options(), stdio: ['ignore', 'pipe', 'pipe'] });
      const [stdout, stderr]: string[][] = [[], []];
      child.stdout.setEncoding('utf8').on('data', (text: string) => stdout!.push(text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => stderr!.push(text));
      child.on('error', ({ message }) => stderr!.push(message));
      child.on('close', (status) => resolve({ status, output: [...stdout!, ...stderr!].join('') }));
    });
  }

  write(path: string, text: string): void {
    mkdirSync(join(this.folder, path, '..'), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #options() {
    const PATH = `${this.#tools}${delimiter}${process.env.PATH}`;
    return { cwd: this.folder, env: { ...process.env, PATH, NODE_ENV: undefined }, timeout: 170_000 };
  }

  #run(program: string, words: string[]): Outcome {
    const { status, stdout, stderr, error } = spawnSync(program, words, {
      ...this.#options(),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 2 ** 26,
    });
    return { status, output: `${stdout}${stderr}${error === undefined ? '' : `\n${error.message}`}` };
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
    exec "$real" start --silent -- "$@" --json ;;
  *) exec "$real" "$@" ;;
esac`,
    );
    // npm would link the scratch copy into its cache for good.
    this.#tool('npx', 'case "$1" in gatecast) shift; exec dist/cli/main.js "$@" ;; *) exec "$real" "$@" ;; esac');
    for (const name of ['sudo', 'apt-get', 'brew']) this.#tool(name, '');
  }

  #tool(name: string, body: string): void {
    const real = spawnSync('bash', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
    this.write(join('.tools', name), `#!/usr/bin/env bash\nreal='${real}'\n${body}\n`);
    chmodSync(join(this.#tools, name), 0o755);
  }
}

/** How long `npm start` runs when a page does not say. */
const startSeconds = 30;
