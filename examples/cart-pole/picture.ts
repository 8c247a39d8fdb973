import { RAIL } from './cart-pole.ts';
import { type Frame, lean, SECOND, UPRIGHT } from './rig.ts';
import type { Contender } from './view.ts';

const WIDTH = 960;
const LEFT = 92;
const RIGHT = 24;
const GAP = 34;
const INKS = ['#0b6bcb', '#c2571a', '#6b7280'];
const DEGREE = Math.PI / 180;

interface Strip {
  title: string;
  ink: string;
  frames: readonly Frame[];
  value: (frame: Frame) => number;
  /** Marks of the axis; the first and the last are its ends. */
  marks: readonly number[];
  unit: string;
  height: number;
  /** The shaded range. */
  band?: readonly [number, number];
}

/** A run as SVG: the angle of each contender, then position and force of the first, with the pushes across. */
export function picture(contenders: readonly Contender[]): string {
  const [first] = contenders as [Contender];
  const angles = contenders.map(({ name, rig }, i): Strip => {
    const value = (frame: Frame) => lean(frame) / DEGREE;
    const band = [-UPRIGHT / DEGREE, UPRIGHT / DEGREE] as const;
    const title = `${name}: angle from upright`;
    return { title, ink: INKS[i]!, frames: rig.frames, value, marks: [-180, 0, 180], unit: '°', height: 92, band };
  });
  const own = { ink: INKS[0]!, frames: first.rig.frames, height: 64 };
  const strips: Strip[] = [
    ...angles,
    {
      ...own,
      title: `${first.name}: cart on its rail`,
      value: ({ motion: [x] }) => x,
      marks: [-RAIL, 0, RAIL],
      unit: ' m',
    },
    { ...own, title: `${first.name}: force`, value: ({ force }) => force, marks: [-6, 0, 6], unit: ' N' },
  ];
  const seconds = own.frames.length / SECOND;
  const x = (second: number) => LEFT + (second / seconds) * (WIDTH - LEFT - RIGHT);
  let top = 76;
  const drawn = strips.map((strip) => {
    const svg = draw(strip, top, x);
    top += strip.height + GAP;
    return svg;
  });
  const bottom = top - GAP;
  const kicks = own.frames.flatMap(({ kick }, i) => (kick === 0 ? [] : [{ at: x(i / SECOND), kick }]));
  const pushed = kicks.map(
    ({ at, kick }) =>
      `<path d="M${at.toFixed(1)} 62V${bottom}" class="push"/><text x="${at.toFixed(1)}" y="56" class="kick">${kick > 0 ? 'push →' : '← push'}</text>`,
  );
  const step = seconds > 30 ? 5 : seconds > 12 ? 2 : 1;
  const times = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => i * step);
  const labels = times.map(
    (second) => `<text x="${x(second).toFixed(1)}" y="${bottom + 20}" class="time">${second} s</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 36}" font-family="system-ui, 'DejaVu Sans', sans-serif" font-size="13">
<style>
text{fill:#1f2937}.title{font-weight:600}.time{text-anchor:middle;fill:#4b5563;font-size:12px}.mark{text-anchor:end;fill:#4b5563;font-size:12px}
.kick{text-anchor:middle;fill:#b91c1c;font-size:12px}.push{stroke:#b91c1c;stroke-width:1;stroke-dasharray:3 3;opacity:.65}
.line{fill:none;stroke-width:1.6;stroke-linejoin:round}.grid{stroke:#d1d5db}.band{fill:#16a34a;opacity:.16}
</style>
<rect width="${WIDTH}" height="${bottom + 36}" rx="8" fill="#ffffff"/>
<text x="${LEFT}" y="28" font-size="16" font-weight="600">A cart-pole (simulated) hangs down, is swung up, and is pushed every few seconds</text>
${[...drawn, ...pushed, ...labels].join('\n')}
</svg>
`;
}

function draw(
  { title, ink, frames, value, marks, unit, height, band }: Strip,
  top: number,
  x: (second: number) => number,
): string {
  const [low, high] = [marks[0]!, marks.at(-1)!];
  const y = (at: number) => top + ((high - at) / (high - low)) * height;
  const right = WIDTH - RIGHT;
  const shade =
    band &&
    `<rect x="${LEFT}" y="${y(band[1]).toFixed(1)}" width="${right - LEFT}" height="${(y(band[0]) - y(band[1])).toFixed(1)}" class="band"/>`;
  const grid = marks.map(
    (mark) =>
      `<path d="M${LEFT} ${y(mark).toFixed(1)}H${right}" class="grid"/><text x="${LEFT - 8}" y="${(y(mark) + 4).toFixed(1)}" class="mark">${mark}${unit}</text>`,
  );
  let before = 0;
  const path = frames.flatMap((frame, i) => {
    if (i % 2 !== 0) return [];
    const at = value(frame);
    // An angle that moves past the bottom comes back on the other side.
    const turned = unit === '°' && Math.abs(at - before) > 180;
    before = at;
    return `${turned || i === 0 ? 'M' : 'L'}${x(i / SECOND).toFixed(1)} ${y(at).toFixed(1)}`;
  });
  return [
    `<text x="${LEFT}" y="${top - 8}" class="title" style="fill:${ink}">${title}</text>`,
    shade ?? '',
    ...grid,
    `<path d="${path.join('')}" class="line" stroke="${ink}"/>`,
  ].join('\n');
}
