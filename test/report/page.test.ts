import { describe, expect, it } from 'vitest';
import { drawChart } from '../../lib/report/chart.ts';
import { renderPage } from '../../lib/report/page.ts';

const chart = {
  title: 'a <chart>',
  x: 'row',
  y: 'flow & "level"',
  marks: [
    {
      kind: 'band',
      colour: 0,
      name: '80%',
      points: [
        [0, 1],
        [1, 2],
      ],
      upper: [3, 4],
    },
    {
      kind: 'line',
      colour: 1,
      name: 'line',
      points: [
        [0, 1],
        [1, Number.NaN],
        [2, 3],
        [3, 4],
      ],
    },
    {
      kind: 'bars',
      colour: 2,
      points: [
        [0, 1],
        [1, 2],
      ],
    },
    {
      kind: 'dots',
      colour: 3,
      points: [
        [0, Number.NaN],
        [1, 2],
      ],
    },
  ],
} as const;
const page = renderPage({
  title: 'a </title> & more',
  lead: ['<script>alert(1)</script>'],
  sections: [{ heading: 'h', text: ['t'], charts: [chart], grid: { columns: ['a', 'b'], rows: [['<', '2']] } }],
});

/** Throws unless each tag that was opened is closed in order. */
function checkNesting(html: string): void {
  const alone = new Set(['meta', 'link', '!doctype']);
  const open: string[] = [];
  for (const [, close, name, end] of html.matchAll(/<(\/?)([a-z0-9!]+)[^>]*?(\/?)>/gi)) {
    if (end || alone.has(name!)) continue;
    if (!close) open.push(name!);
    else expect(open.pop()).toBe(name);
  }
  expect(open).toEqual([]);
}

describe('the legend of a chart', () => {
  it('shows a band as dark as it is drawn: on the wider bands below it', () => {
    const band = (name: string) => ({ ...chart.marks[0], name });
    const svg = drawChart({ ...chart, marks: [band('90%'), band('50%'), chart.marks[1]] });
    const [, wide = '', narrow = ''] = /<\/polyline>|([^]*)90%<\/text>([^]*)50%<\/text>/.exec(svg)!;
    expect(wide.match(/<rect class="band c0"/g)).toHaveLength(1);
    expect(narrow.match(/<rect class="band c0"/g)).toHaveLength(2);
  });
});

describe('a report', () => {
  it('is well formed', () => {
    checkNesting(page);
  });

  it('loads nothing and runs nothing', () => {
    expect(page).not.toMatch(/https?:|<script|<iframe|<img|@import|url\(|src=/);
    expect(page).toContain('&lt;script&gt;');
  });

  it('draws no coordinate that is not a number, and breaks lines where a value is missing', () => {
    const svg = drawChart(chart);
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    expect(svg.match(/<circle/g)).toHaveLength(1);
  });

  it.each([
    [[]],
    [[[1, 1]]],
    [
      [
        [1, 0],
        [2, 0],
      ],
    ],
  ])('draws %j', (points) => {
    const mark = { kind: 'line', colour: 0, points: points as [number, number][] } as const;
    expect(drawChart({ title: 't', x: 'x', y: 'y', marks: [mark] })).not.toMatch(/NaN|Infinity/);
  });

  it('labels powers of ten on a logarithmic axis, and leaves gaps where no value is above 0', () => {
    const points = [1, 0.1, 1e-4, 0, 1e-6, 1e-7].map((value, lag) => [lag, value] as const);
    const mark = { kind: 'line', colour: 0, points } as const;
    const svg = drawChart({ title: 't', x: 'x', y: 'y', marks: [mark], logarithmic: true });
    for (const tick of ['1', '0.01', '1e-4', '1e-6']) expect(svg).toContain(`>${tick}</text>`);
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    const heights = svg
      .match(/points="([^"]*)"/)![1]!
      .split(' ')
      .map((point) => Number(point.split(',')[1]));
    expect((heights[2]! - heights[1]!) / (heights[1]! - heights[0]!)).toBeCloseTo(3, 1);
  });

  it('has a bounded size', () => {
    const points = Array.from({ length: 100_000 }, (_, i) => [i, Math.sin(i)] as const);
    expect(drawChart({ title: 't', x: 'x', y: 'y', marks: [{ kind: 'line', colour: 0, points }] }).length).toBeLessThan(
      20_000,
    );
  });
});
