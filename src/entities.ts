/**
 * The character references that models write into markdown, as the characters they stand for.
 */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', '\u00A0']
]);
const LARGEST_CODE_POINT = 0x10ffff;

function decode(reference: string, name: string): string {
  if (!name.startsWith('#')) {
    return NAMED.get(name) ?? reference;
  }
  const isHex = name[1] === 'x' || name[1] === 'X';
  const code = parseInt(name.slice(isHex ? 2 : 1), isHex ? 16 : 10);
  return code > 0 && code <= LARGEST_CODE_POINT
    ? String.fromCodePoint(code)
    : reference;
}

export function decodeEntities(text: string): string {
  return text.replace(/&(#x[\da-f]{1,6}|#\d{1,7}|[a-z]{2,4});/gi, decode);
}
