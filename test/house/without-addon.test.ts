import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { howToBuild } from '../../lib/network/how-to-build.ts';
import { entries } from '../../tools/entries.mjs';
import { root } from '../docs/scratch.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-no-addon-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const addon = () => readFileSync(join(root, 'build/Release/gatecast.node'));
/** Bytes of a file in place of the addon, none for no file. */
const BROKEN: Record<string, () => Uint8Array | undefined> = {
  missing: () => undefined,
  empty: () => new Uint8Array(),
  'cut to a page': () => addon().subarray(0, 4000),
  'cut by a byte': () => addon().subarray(0, -1),
  'cut within its head': () => addon().subarray(0, 40),
  text: () => Buffer.from('not an addon'),
  'of another machine': () => {
    const bytes = addon();
    bytes.writeUInt16LE(bytes.readUInt16LE(18) === 183 ? 62 : 183, 18); // e_machine: x86-64 or AArch64
    return bytes;
  },
  'of another package': () => readFileSync(anotherAddon()!),
};
const anotherAddon = () => {
  const found = spawnSync('find', [join(root, 'node_modules/@lmdb'), '-name', '*.node'], { encoding: 'utf8' }).stdout;
  return found.split('\n').find((path) => path !== '');
};

/** The files of dist/ that are the entries of the package. */
const built = entries.map(({ target }) => target);

/** Uses what is pure JavaScript, from a package without its addon; then what is not. */
const PROGRAM = `
  const G = {};
  for (const file of ${JSON.stringify(built)}) Object.assign(G, await import('PACKAGE/' + file));
  const { of } = await import('rxjs');
  const done = [];
  const clock = new G.VirtualClock();
  const limits = [{ min: -1, max: 1 }];
  const loop = (record) => record({
    hz: 100, observe: () => [0.5], inputs: 1, decide: G.pid({ kp: 1, setpoint: 1, interval: '10ms', limits: limits[0], measure: (values) => values[0] }), limits, fallback: [0],
    act: () => done.push('act'), clock,
  }).subscribe();
  const running = loop(G.controlLoop);
  clock.run(3);
  running.unsubscribe();
  const recorded = loop((options) => G.recordLoop('loop.rec', options));
  clock.run(3);
  recorded.unsubscribe();
  of(1, 2).pipe(G.record('samples.rec')).subscribe();
  of(1).pipe(G.overload(G.queue(2), (value) => of(value))).subscribe(() => done.push('overload'));
  of(1).pipe(G.pageHinkley()).subscribe();
  of(1).pipe(G.measure(new G.StreamMetrics(), (source) => source)).subscribe(() => done.push('measure'));
  G.threshold({ above: 1 });
  of(1, 2).pipe(G.forecast(G.baselines.drift())).subscribe((f) => done.push('forecast ' + f.mean));
  const store = G.fileStore('store');
  store.put('a', Uint8Array.of(1));
  store.close();
  for await (const entry of G.readRecording('samples.rec')) if (entry.type === 'sample') done.push('sample');
  for (const make of [() => new G.GRU({ inputSize: 1, hiddenSize: 2 }), () => G.isa(), () => new G.GRU({ inputSize: 1, hiddenSize: 2 })]) {
    try { make(); } catch (error) { done.push(error.code); }
  }
  process.stdout.write(JSON.stringify(done));
`;

function runNode(words: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}

function expectHelpful(main: string, env: Record<string, string>, remedy: RegExp) {
  expect(runNode([main, '--version'], env)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d/) });
  expect(runNode([main, '--help'], env)).toMatchObject({ status: 0, stdout: expect.stringContaining('Usage') });
  const doctor = runNode([main, 'doctor'], env);
  expect(doctor).toMatchObject({ status: 1, stderr: '', stdout: expect.stringMatching(/^problem +\S/m) });
  expect(doctor.stdout).toMatch(remedy);
  const report = JSON.parse(runNode([main, 'doctor', '--json'], env).stdout) as Record<string, unknown>;
  expect(report).toMatchObject({ problem: expect.stringMatching(/./), remedy: expect.stringMatching(/./) });
}

const program = (text: string) => [
  '--input-type=module',
  '--eval',
  text.replaceAll('PACKAGE', root).replace("'rxjs'", `'${root}/node_modules/rxjs/dist/cjs/index.js'`),
];

test('all that is pure JavaScript works without the addon', () => {
  const { stdout, stderr } = runNode(program(PROGRAM), { GATECAST_BINARY: join(folder, 'none.node') });
  expect(stderr).toBe('');
  const done = JSON.parse(stdout) as string[];
  expect(new Set(done)).toEqual(
    new Set(['act', 'overload', 'measure', 'forecast 1', 'forecast 3', 'sample', 'addon-missing']),
  );
  expect(done.filter((what) => what === 'addon-missing')).toHaveLength(3);
});

test.skipIf(process.platform === 'win32').each(Object.keys(BROKEN))(
  'an addon that is %s is answered with a sentence',
  (name) => {
    if (name === 'of another package' && !anotherAddon()) return;
    const path = join(folder, `${name}.node`);
    const bytes = BROKEN[name]!();
    if (bytes) writeFileSync(path, bytes);
    const make =
      "const G = await import('PACKAGE/dist/nn.js'); try { G.isas(); } catch (e) { console.log(e.code, e.message); }";
    const { stdout, stderr } = runNode(program(make), { GATECAST_BINARY: path });
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /^addon-missing Expected the native addon at .* but could not load it \(.+\); unset GATECAST_BINARY.*\.\n$/,
    );
  },
);

test.skipIf(process.platform === 'win32')('a package that was not built says how, by package manager and tools', () => {
  const home = join(folder, 'node_modules', 'gatecast');
  mkdirSync(home, { recursive: true });
  for (const part of ['dist', 'native/build-tools.mjs', 'package.json'])
    cpSync(join(root, part), join(home, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));
  const main = join(home, 'dist/cli/main.js');
  expectHelpful(main, { npm_config_user_agent: 'pnpm/10.1.0 npm/? node/v20' }, /pnpm approve-builds/);
  const bare = runNode([main, 'doctor'], { PATH: folder, npm_config_user_agent: '' });
  expect(bare.stdout).toMatch(/^missing +A C\+\+20 compiler/m);
  const loaded = runNode([
    '--input-type=module',
    '--eval',
    "const G = await import('gatecast/nn'); new G.GRU({ inputSize: 1, hiddenSize: 1 })",
  ]);
  expect(loaded.stderr).toMatch(/Expected the native addon at .*; run "npm rebuild gatecast/);
});

test.each([
  ['npm/10.8.2 node/v20', 'npm rebuild gatecast'],
  ['pnpm/10.1.0 npm/? node/v20', 'pnpm approve-builds'],
  ['yarn/1.22.22 npm/? node/v20', 'npm rebuild gatecast'],
  ['yarn/4.1.0 npm/? node/v20', 'yarn rebuild gatecast'],
  ['bun/1.2.0 npm/? node/v20', 'bun pm trust gatecast'],
])('the package manager that runs, %s, is told of %s', (agent, command) => {
  expect(howToBuild('/x/node_modules/gatecast/a.node', folder, { npm_config_user_agent: agent })).toContain(command);
});

test.each([
  ['pnpm-lock.yaml', 'pnpm approve-builds'],
  ['yarn.lock', 'npm rebuild gatecast'],
  ['.yarnrc.yml', 'yarn rebuild gatecast'],
  ['bun.lock', 'bun pm trust gatecast'],
  ['bun.lockb', 'bun pm trust gatecast'],
  ['package-lock.json', 'npm rebuild gatecast'],
])('%s above the program leads to %s', (file, command) => {
  const project = mkdtempSync(join(folder, 'project-'));
  mkdirSync(join(project, 'src'));
  writeFileSync(join(project, file), '');
  expect(howToBuild('/x/node_modules/gatecast/a.node', join(project, 'src'), {})).toContain(command);
});
