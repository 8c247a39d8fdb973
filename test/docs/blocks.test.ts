import { describe, expect, it } from 'vitest';
import { blocksOf, linksOf } from './blocks.ts';

const page = [
  '# A',
  '',
  '```ts continues',
  'a;',
  '```',
  '- item',
  '  ```sh',
  '  b',
  '    c',
  '  ```',
  '~~~~text',
  '```',
  '~~~~',
];

describe('blocksOf', () => {
  it('finds every block with its line, language, words and code', () => {
    expect(blocksOf('p.md', page.join('\n'))).toEqual([
      { at: 'p.md:3', language: 'ts', words: ['continues'], code: 'a;\n' },
      { at: 'p.md:7', language: 'sh', words: [], code: 'b\n  c\n' },
      { at: 'p.md:11', language: 'text', words: [], code: '```\n' },
    ]);
  });

  it('gives a block without a language an empty one, which the pages may not have', () => {
    expect(blocksOf('p.md', '```\nx\n```')[0]).toMatchObject({ language: '' });
  });

  it('refuses a block that never ends', () => {
    expect(() => blocksOf('p.md', 'x\n```ts\ny')).toThrow('p.md:2');
  });
});

describe('linksOf', () => {
  it('finds relative links and images outside of blocks, without fragments', () => {
    const text =
      'See [a](docs/a.md#b), ![c](c.png "t"), <img src="d.svg">, [web](https://x.y), [here](#z).\n```ts\nf[0](g.md)\n```';
    expect(linksOf('p.md', text)).toEqual(['docs/a.md', 'c.png', 'd.svg']);
  });
});
