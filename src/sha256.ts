/**
 * The hash by which an approval is tied to the code: the browser's own is missing on plain http.
 */
import { digest } from 'lib0/hash/sha256';

/** SHA-256 of a text's UTF-8 bytes, in hexadecimal digits. */
export function sha256(text: string): string {
  const bytes = digest(new TextEncoder().encode(text));
  return [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('');
}
