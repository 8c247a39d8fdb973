/** All public names that need no optional package, from all entries. */
export * from '../../lib/index.ts';
export * from '../../lib/control.ts';
export * from '../../lib/nab.ts';
export * from '../../lib/nn.ts';
export * from '../../lib/replay.ts';
