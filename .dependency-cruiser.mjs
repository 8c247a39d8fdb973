import { entries } from './tools/entries.mjs';

// The arrows of docs/architecture.md: a room imports from the rooms on its line. Files directly in lib/ are entries.
const rooms = {
  base: [],
  accuracy: ['base'],
  files: ['base'],
  network: ['base', 'files'],
  metrics: ['base'],
  model: ['base', 'files', 'network'],
  time: ['base'],
  baselines: ['base', 'model', 'time'],
  online: ['base', 'files', 'network', 'model', 'baselines', 'time'],
  recording: ['base', 'files', 'network', 'model', 'online'],
  stores: ['base', 'files'],
  stream: ['base', 'files', 'network', 'metrics', 'model', 'online', 'recording', 'stores'],
  control: ['base', 'files', 'network', 'metrics', 'model', 'online', 'recording'],
  data: ['base', 'time'],
  reading: ['base', 'data'],
  batch: ['base', 'accuracy', 'files', 'network', 'model', 'baselines', 'online', 'data', 'time'],
  train: ['base', 'files', 'network', 'model', 'baselines', 'online', 'data', 'batch', 'time'],
  diagnosis: ['base', 'network', 'model', 'data', 'train'],
  backtest: ['base', 'accuracy', 'data', 'batch', 'train'],
  compare: ['base', 'accuracy', 'network', 'model', 'data', 'batch', 'train'],
  tune: ['base', 'files', 'network', 'model', 'data', 'batch', 'train', 'compare'],
  report: ['base', 'batch', 'compare', 'diagnosis', 'tune'],
};
rooms.adapters = Object.keys(rooms);
rooms.live = Object.keys(rooms);
rooms.cli = Object.keys(rooms);
// Packages and Node modules that only these rooms may know.
const confined = {
  '^rxjs': ['metrics', 'stream', 'control', 'train', 'backtest', 'compare', 'tune', 'adapters', 'live', 'cli'],
  '^lmdb': ['adapters'],
  '^@opentelemetry': ['adapters'],
  '^(commander|cli-progress)$': ['cli'],
  '^(node:)?module$': ['network', 'adapters'],
};

const oneOf = (names) => `(${names.join('|')})`;
const roomArrows = Object.entries(rooms).map(([room, allowed]) => ({
  name: `${room}-imports-left-only`,
  severity: 'error',
  from: { path: `^lib/${room}/` },
  to: { path: '^lib/[^/]+/', pathNot: `^lib/${oneOf([room, ...allowed])}/` },
}));
const confinements = Object.entries(confined).map(([name, allowed]) => ({
  name: `only-${allowed.join('-and-')}`,
  comment: `${name} is for ${allowed.join(', ')} only`,
  severity: 'error',
  from: { path: '^lib/', pathNot: `^lib/${oneOf(allowed)}/` },
  to: { path: name.startsWith('^(node:)') ? name : `node_modules/${name.slice(1).replace(/\$$/, '/')}` },
}));

const escaped = (path) => path.replaceAll('.', '\\.');
const roots = entries.filter(({ source }) => /^lib\/[^/]+$/.test(source)).map(({ source }) => escaped(source));

export default {
  forbidden: [
    ...roomArrows,
    ...confinements,
    {
      name: 'entries-have-no-adapters-no-live-and-no-cli',
      severity: 'error',
      from: { path: '^lib/[^/]+$' },
      to: { path: '^lib/(adapters|live|cli)/' },
    },
    {
      name: 'entries-are-for-users-and-cli',
      severity: 'error',
      from: { path: '^lib/', pathNot: '^lib/cli/' },
      to: { path: roots.map((source) => `^${source}$`) },
    },
    {
      name: 'examples-use-the-public-names',
      severity: 'error',
      from: { path: '^examples/' },
      to: {
        pathNot: ['^examples/', '^dist/', 'node_modules/rxjs/', ...entries.map(({ source }) => `^${escaped(source)}$`)],
        dependencyTypesNot: ['core'],
      },
    },
    {
      name: 'no-cycles',
      comment: 'types may refer to each other',
      severity: 'error',
      from: { path: '^lib/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, path: '^lib/', pathNot: '^lib/cli/main' }, to: {} },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-dependency-in-lib',
      severity: 'error',
      comment: 'optional peers are for development dependencies too',
      from: { path: '^lib/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'default'] },
  },
};
