/**
 * Characters that hide or reorder text, made visible: what is read must be what is there.
 */

/** Bidi embeddings, overrides and isolates, zero-width characters, variation tags; never part of honest prose. */
const DECEPTIVE =
  /[\u202A-\u202E\u2066-\u2069\u200B\u2060-\u2064\uFEFF\u00AD\u180E]|[\u{E0000}-\u{E007F}]/gu;

/** Also the joiners and direction marks that prose needs in some scripts, and control characters. */
const DECEPTIVE_IN_CODE =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u200B-\u200F\u061C\u202A-\u202E\u2060-\u2069\uFEFF\u00AD\u180E\u3164\u115F\u1160\uFFA0]|[\u{E0000}-\u{E007F}]/gu;

function named(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

export function visibleProse(text: string): string {
  return text.replace(DECEPTIVE, named);
}

export function visibleCode(code: string): string {
  return code.replace(DECEPTIVE_IN_CODE, named);
}

/** Text as a terminal shows it, without its colours. */
export function withoutAnsi(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/\u001B\[[0-9;?]*[ -/]*[@-~]/g, '');
}
