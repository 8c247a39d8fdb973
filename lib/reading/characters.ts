/** True for the code of 0 to 9. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** True for the code of an English letter. */
export function isLetter(code: number): boolean {
  const small = code | 32;
  return small >= 97 && small <= 122;
}

/** True for the code of a blank, a tab, or a no-break, figure, thin or narrow no-break space. */
export function isBlank(code: number): boolean {
  return code === 32 || code === 9 || code === 160 || code === 0x2007 || code === 0x2009 || code === 0x202f;
}
