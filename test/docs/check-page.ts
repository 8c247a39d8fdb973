import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Block, blocksOf, linksOf } from './blocks.ts';
import { fixtureNames, provide } from './fixtures.ts';
import { type Outcome, root, Scratch } from './scratch.ts';

// The rules are in docs/contributing.md, "Pages that run".
const blockConfig = {
  extends: '../tsconfig.json',
  compilerOptions: { paths: {}, moduleDetection: 'force', noUnusedLocals: false, noEmit: false, outDir: '.' },
  include: ['*.ts'],
};
const notRun = ['text', 'c', 'cpp', 'csv', 'python', 'mermaid'];

// A page's `npm start` takes its time.
const timeout = 180_000;

interface Page {
  name: string;
  blocks: Block[];
  /** The blocks of TypeScript, each whole: a block marked `continues` is added to the block before it. */
  programs: Block[];
}

/** Declares the tests of these pages, whose programs are compiled together. */
export function checkPages(names: readonly string[]): void {
  const pages = names.map((name): Page => {
    const blocks = blocksOf(name);
    return { name, blocks, programs: joined(blocks.filter((block) => block.language === 'ts')) };
  });
  let compiler: Scratch;
  /** What the compiler says of all programs, which it also makes JavaScript of. */
  let compiled: Promise<Outcome>;
  beforeAll(() => {
    compiler = new Scratch();
    compiler.write('.blocks/tsconfig.json', JSON.stringify(blockConfig));
    for (const { programs } of pages)
      for (const program of programs) compiler.write(`${fileOf(program)}.ts`, program.code);
    compiled = compiler.tsc('-p', '.blocks/tsconfig.json');
  });
  afterAll(() => compiler.remove());

  for (const page of pages) {
    checkPage(page, async (program) => {
      await compiled;
      return compiler.read(`${fileOf(program)}.js`);
    });
  }
  it('the programs of the pages have the right types', { timeout }, async () => {
    expect(await compiled).toEqual({ status: 0, output: '' });
  });
}

function checkPage({ name, blocks, programs }: Page, compiledOf: (program: Block) => Promise<string>): void {
  describe.each([name])('%s', { timeout }, () => {
    let scratch: Scratch;
    /** They wait for sensors, and run beside the other blocks. */
    const running = new Map<Block, Promise<Outcome>>();
    const provideFor = async ({ code }: Block) => {
      for (const fixture of fixtureNames) if (code.includes(fixture)) await provide(scratch, fixture);
    };

    beforeAll(() => {
      if (blocks.every((block) => !['ts', 'sh'].includes(block.language))) return;
      scratch = new Scratch();
      for (const block of blocks) if (startsLive(block)) running.set(block, scratch.shell(block.code));
    });
    afterAll(() => scratch?.remove());

    it('links to files that are there', () => {
      const missing = linksOf(name).filter((target) => !existsSync(join(root, dirname(name), target)));
      expect(missing).toEqual([]);
    });

    it('has blocks of known languages only', () => {
      const unknown = blocks.filter(({ language }) => !['ts', 'sh', 'json', ...notRun].includes(language));
      expect(unknown.map(({ at, language }) => `${at} ${language}`)).toEqual([]);
    });

    for (const block of blocks.toSorted((a, b) => Number(startsLive(a)) - Number(startsLive(b)))) {
      if (block.language === 'json') {
        it(`${block.at} is JSON`, () => expect(() => JSON.parse(block.code) as unknown).not.toThrow());
      } else if (block.language === 'sh') {
        it(`${block.at} runs in a shell`, async () => {
          await provideFor(block);
          const { status, output } = await (running.get(block) ?? scratch.shell(block.code));
          expect(status, output).toBe(0);
          if (startsLive(block)) expect(output, 'a forecast a line').toMatch(/^\{.*\}$/m);
        });
      } else if (programs.includes(block) && !block.words.includes('types-only')) {
        it(`${block.at} runs`, async () => {
          await provideFor(block);
          const file = `${fileOf(block)}.js`;
          scratch.write(file, await compiledOf(block));
          const { status, output } = await scratch.node(file);
          expect(status, output).toBe(0);
        });
      }
    }
  });
}

function joined(blocks: Block[]): Block[] {
  const programs: Block[] = [];
  for (const block of blocks) {
    const before = block.words.includes('continues') ? programs.pop() : undefined;
    if (before !== undefined) block.code = before.code + block.code;
    programs.push(block);
  }
  return programs;
}

/** Where the program of a block is in a scratch copy, without the ending. */
function fileOf({ at }: Block): string {
  return `.blocks/${at.replaceAll(/[^\w]+/g, '-')}`;
}

function startsLive({ language, code }: Block): boolean {
  return language === 'sh' && /\bnpm start\b/.test(code);
}
