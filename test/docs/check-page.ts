import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Block, blocksOf, linksOf } from './blocks.ts';
import { fixtureNames, provide } from './fixtures.ts';
import { type Outcome, root, Scratch } from './scratch.ts';

// The rules are in docs/contributing.md, "Pages that run".
const blockConfig = {
  extends: '../tsconfig.json',
  compilerOptions: { paths: {}, moduleDetection: 'force', noUnusedLocals: false, noEmit: false, outDir: 'js' },
  include: ['*.ts'],
};
const notRun = ['text', 'c', 'cpp', 'csv', 'python', 'mermaid'];

// A page's `npm start` takes its time.
const timeout = 180_000;

/** Declares the tests of one page. */
export function checkPage(page: string): void {
  describe.each([page])('%s', { timeout }, () => {
    const blocks = blocksOf(page);
    const programs = joined(blocks.filter((block) => block.language === 'ts'));
    let scratch: Scratch;
    /** What the compiler says of all programs, which it also makes JavaScript of. */
    let compiled: Outcome;
    /** They wait for sensors, and run beside the other blocks. */
    const running = new Map<Block, Promise<Outcome>>();
    const provideFor = ({ code }: Block) => {
      for (const name of fixtureNames) if (code.includes(name)) provide(scratch, name);
    };

    beforeAll(() => {
      if (blocks.every((block) => !['ts', 'sh'].includes(block.language))) return;
      scratch = new Scratch();
      scratch.write('.blocks/tsconfig.json', JSON.stringify(blockConfig));
      for (const program of programs) scratch.write(fileOf(program), program.code);
      for (const block of blocks) if (startsLive(block)) running.set(block, scratch.shell(block.code));
      if (programs.length > 0) compiled = scratch.tsc('-p', '.blocks/tsconfig.json');
    });
    afterAll(() => scratch?.remove());

    it('links to files that are there', () => {
      const missing = linksOf(page).filter((target) => !existsSync(join(root, dirname(page), target)));
      expect(missing).toEqual([]);
    });

    it('has blocks of known languages only', () => {
      const unknown = blocks.filter(({ language }) => !['ts', 'sh', 'json', ...notRun].includes(language));
      expect(unknown.map(({ at, language }) => `${at} ${language}`)).toEqual([]);
    });

    if (programs.length > 0) {
      it('has TypeScript of the right types', () => {
        expect(compiled).toEqual({ status: 0, output: '' });
      });
    }

    for (const block of blocks.toSorted((a, b) => Number(startsLive(a)) - Number(startsLive(b)))) {
      if (block.language === 'json') {
        it(`${block.at} is JSON`, () => expect(() => JSON.parse(block.code) as unknown).not.toThrow());
      } else if (block.language === 'sh') {
        it(`${block.at} runs in a shell`, async () => {
          provideFor(block);
          const { status, output } = await (running.get(block) ?? scratch.shell(block.code));
          expect(status, output).toBe(0);
          if (startsLive(block)) expect(output, 'a forecast a line').toMatch(/^\{.*\}$/m);
        });
      } else if (programs.includes(block) && !block.words.includes('types-only')) {
        it(`${block.at} runs`, () => {
          provideFor(block);
          const { status, output } = scratch.node(fileOf(block).replace(/^\.blocks\/(.*)\.ts$/, '.blocks/js/$1.js'));
          expect(status, output).toBe(0);
        });
      }
    }
  });
}

/** Each program whole: a block marked `continues` is added to the block before it, and stands for both. */
function joined(blocks: Block[]): Block[] {
  const programs: Block[] = [];
  for (const block of blocks) {
    const before = block.words.includes('continues') ? programs.pop() : undefined;
    if (before !== undefined) block.code = before.code + block.code;
    programs.push(block);
  }
  return programs;
}

function fileOf({ at }: Block): string {
  return `.blocks/${at.replaceAll(/[^\w]+/g, '-')}.ts`;
}

function startsLive({ language, code }: Block): boolean {
  return language === 'sh' && /\bnpm start\b/.test(code);
}
