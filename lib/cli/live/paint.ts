/** What a piece of text on the screen means; one colour each. */
export type Ink = 'history' | 'forecast' | 'faint' | 'strong' | 'good' | 'bad' | 'none';

/** What a cell's background means: the interval ahead, or the interval that was forecast for a past moment. */
export type Shade = 'band' | 'past' | 'none';

/** Colours of the usual 256, readable on dark and on light backgrounds. */
const inks: Record<Ink, string> = {
  history: '38;5;39',
  forecast: '38;5;214',
  faint: '38;5;245',
  strong: '1',
  good: '38;5;41',
  bad: '38;5;203',
  none: '',
};
const shades: Record<Shade, string> = { band: '48;5;24', past: '48;5;238', none: '' };

const escapes = /(\x1b\[[0-9;]*m)/;

/** Wraps text in escape codes; without `colour` leaves it unchanged. */
export function paint(text: string, ink: Ink, colour: boolean, shade: Shade = 'none'): string {
  const codes = [inks[ink], shades[shade]].filter((code) => code !== '');
  return colour && codes.length > 0 && text !== '' ? `\x1b[${codes.join(';')}m${text}\x1b[0m` : text;
}

/** Cuts or pads painted text to exactly `width` columns. */
export function fit(text: string, width: number): string {
  let room = width;
  let result = '';
  for (const part of text.split(escapes)) {
    if (part.startsWith('\x1b')) {
      result += part;
    } else {
      const piece = Array.from(part).slice(0, room).join('');
      room -= Array.from(piece).length;
      result += piece;
    }
  }
  return result + ' '.repeat(room);
}
