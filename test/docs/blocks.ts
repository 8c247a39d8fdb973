import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './scratch.ts';

/** One fenced block of a page. */
export interface Block {
  /** The page and the line of the opening fence: `README.md:12`. */
  at: string;
  language: string;
  /** The words after the language. */
  words: string[];
  code: string;
}

/** README.md and docs/*.md, as paths from the project's root. */
export function pages(): string[] {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const readme = readdirSync(root).filter((name) => name === 'README.md');
  return [...readme, ...docs.sort().map((name) => `docs/${name}`)];
}

/** The fenced blocks of a page, in order. Throws for a fence that is never closed. */
export function blocksOf(page: string, text = readFileSync(join(root, page), 'utf8')): Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  for (let start = 0; start < lines.length; start++) {
    const fence = /^(\s*)(`{3,}|~{3,})(.*)$/.exec(lines[start]!);
    if (fence === null) continue;
    const [, indent = '', marks = '', info = ''] = fence;
    const end = lines.findIndex((line, index) => index > start && line.trim() === marks);
    if (end < 0) throw new Error(`${page}:${start + 1}: this block is never closed`);
    const [language = '', ...words] = info.trim().split(/\s+/);
    const code = lines
      .slice(start + 1, end)
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    blocks.push({ at: `${page}:${start + 1}`, language, words, code: `${code.join('\n')}\n` });
    start = end;
  }
  return blocks;
}

/** The targets of relative links and images, without their fragments. */
export function linksOf(page: string, text = readFileSync(join(root, page), 'utf8')): string[] {
  const prose = text.replaceAll(/^\s*(```+|~~~+)[\s\S]*?^\s*\1/gm, '');
  const markdown = [...prose.matchAll(/\]\(([^)\s]+)[^)]*\)/g)].map((match) => match[1]!);
  const html = [...prose.matchAll(/\b(?:src|href)="([^"]+)"/g)].map((match) => match[1]!);
  return [...markdown, ...html]
    .filter((target) => !/^[a-z]+:|^#/.test(target))
    .map((target) => target.replace(/#.*$/, ''));
}
