/**
 * Text with carriage returns and backspaces, as a terminal shows it.
 */

/** A carriage return at the end stays: what comes next begins there. */
export function overwritten(text: string): string {
  const lines = erased(text.replace(/\r+\n/g, '\n')).split('\n');
  const end = text.endsWith('\r') ? '\r' : '';
  return lines.map(overwrittenLine).join('\n') + end;
}

function overwrittenLine(line: string): string {
  return line
    .split('\r')
    .reduce((shown, piece) => piece + shown.slice(piece.length));
}

function erased(text: string): string {
  if (!text.includes('\b')) {
    return text;
  }
  const kept: string[] = [];
  for (const character of text) {
    if (character !== '\b') {
      kept.push(character);
    } else if (kept.length > 0 && kept[kept.length - 1] !== '\n') {
      kept.pop();
    }
  }
  return kept.join('');
}
