import type { ControlCycle } from 'gatecast/control';
import { RAIL } from './cart-pole.ts';
import { type Frame, lean, recoveries, type Rig, SECOND } from './rig.ts';

export interface Contender {
  readonly name: string;
  readonly rig: Rig;
  /** So far. */
  readonly cycles: ControlCycle[];
}

const ROWS = 9;
const LENGTH = 15; // dots of the pole
const FRAMES_PER_SECOND = 20;
const ESCAPE = '\x1b[';

/** Draws the carts side by side while they run; where there is no terminal, prints a line a second. */
export function view(contenders: readonly Contender[], output: NodeJS.WriteStream): { close(): void } {
  if (!output.isTTY) {
    const timer = setInterval(() => output.write(`${contenders.map(inWords).join('   ')}\n`), 1000);
    return { close: () => clearInterval(timer) };
  }
  output.write(`${ESCAPE}?1049h${ESCAPE}?25l`);
  const draw = () => output.write(`${ESCAPE}H${drawing(contenders, output.columns).join(`${ESCAPE}K\r\n`)}${ESCAPE}J`);
  const timer = setInterval(draw, 1000 / FRAMES_PER_SECOND);
  return {
    close() {
      clearInterval(timer);
      output.write(`${ESCAPE}?25h${ESCAPE}?1049l`);
    },
  };
}

function inWords({ name, rig }: Contender): string {
  const frame = rig.frames.at(-1);
  return `${name} ${frame ? degrees(frame) : '-'}`;
}

/** The screen as lines. */
function drawing(contenders: readonly Contender[], columns: number): string[] {
  const width = Math.max(20, Math.floor(columns / contenders.length) - 2);
  const panels = contenders.map((contender) => panel(contender, width));
  const { cycles, rig } = contenders[0]!;
  const recent = cycles.slice(-SECOND);
  const planning = Math.max(0, ...recent.map(({ tIn, tOut }) => tOut - tIn));
  const late = cycles.filter(({ deadlineMet }) => !deadlineMet).length;
  const missed = cycles.reduce((sum, cycle) => sum + cycle.missed, 0);
  return [
    'A cart-pole, SIMULATED. It sees noisy positions of two cycles ago.',
    '',
    ...panels[0]!.map((_, row) => panels.map((lines) => lines[row]!.padEnd(width)).join('  ')),
    '',
    `${(rig.frames.length / SECOND).toFixed(1)} s   longest cycle of the last second ${planning.toFixed(1)} ms   late ${late}   missed ${missed}   Ctrl-C ends`,
  ];
}

function panel({ name, rig }: Contender, width: number): string[] {
  const { frames } = rig;
  const frame = frames.at(-1);
  if (frame === undefined) return [name, ...Array<string>(ROWS + 3).fill('')];
  const { pushed, recovered } = recoveries(frames);
  const push = frames.slice(-SECOND / 2).find(({ kick }) => kick !== 0);
  return [
    `${name}${push ? (push.kick > 0 ? '  push >>' : '  << push') : ''}`,
    ...cart(frame, width),
    `${degrees(frame)}  ${frame.force.toFixed(1).padStart(5)} N`,
    `recovered from ${recovered} of ${pushed}`,
  ];
}

/** A pole of braille dots, 2 x 4 to a character, above its cart on the rail. */
function cart(frame: Frame, width: number): string[] {
  const dots = new Uint8Array(ROWS * width);
  const middle = Math.round((frame.motion[0] / RAIL + 1) * 0.5 * (width - 5)) + 2;
  for (let i = 0; i <= 2 * LENGTH; i++) {
    const x = Math.round(2 * middle + (i / 2) * Math.sin(lean(frame)));
    const y = Math.round(2 * ROWS - (i / 2) * Math.cos(lean(frame)));
    const cell = (y >> 2) * width + (x >> 1);
    if (x >= 0 && x < 2 * width && y >= 0 && y < 4 * ROWS)
      dots[cell]! |= [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80][2 * (y & 3) + (x & 1)]!;
  }
  return Array.from({ length: ROWS }, (_, row) =>
    Array.from({ length: width }, (_, column) => {
      const bits = dots[row * width + column]!;
      if (row === ROWS >> 1 && Math.abs(column - middle) < 2) return '█';
      if (bits !== 0) return String.fromCharCode(0x2800 + bits);
      return row === ROWS >> 1 ? '─' : ' ';
    }).join(''),
  );
}

function degrees(frame: Frame): string {
  return `${((lean(frame) * 180) / Math.PI).toFixed(0).padStart(4)} deg`;
}
