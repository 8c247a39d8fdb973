/**
 * A copy of a text. A part of a longer string keeps all of that in memory, so what is kept of a chunk has to be copied.
 * In UTF-16, because UTF-8 would make lone surrogates, which JSON may hold, all the same.
 */
export function ownedText(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
