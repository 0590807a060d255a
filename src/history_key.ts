/**
 * The keys that undo and redo in what is typed.
 */

type Keys = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey'>;

/** What a key does to what was typed; null: it is another key. */
export function historyKey(event: Keys): 'undo' | 'redo' | null {
  const key = event.key.toLowerCase();
  if (!event.ctrlKey && !event.metaKey) {
    return null;
  }
  if (key === 'z') {
    return event.shiftKey ? 'redo' : 'undo';
  }
  return key === 'y' && event.ctrlKey ? 'redo' : null;
}
