/**
 * Keep the end of a growing list in view, as long as the user is there.
 */
import * as React from 'react';

/** How far from the end still counts as being there, in pixels. */
const NEAR = 24;

/** Call after every render; `newest` changes when something begins that the user just asked for. */
export function useFollowEnd(
  list: React.RefObject<HTMLElement>,
  newest: string
): () => void {
  const following = React.useRef(true);

  React.useLayoutEffect(() => {
    following.current = true;
  }, [newest]);
  React.useLayoutEffect(() => {
    const element = list.current;
    if (element && following.current) {
      element.scrollTop = element.scrollHeight;
    }
  });
  React.useEffect(() => {
    const element = list.current;
    if (!element || typeof ResizeObserver === 'undefined') {
      return;
    }
    // What grows without a render of ours: colours, diffs, the list itself.
    const observer = new ResizeObserver(() => {
      if (following.current) {
        element.scrollTop = element.scrollHeight;
      }
    });
    observer.observe(element);
    if (element.firstElementChild) {
      observer.observe(element.firstElementChild);
    }
    return () => observer.disconnect();
  }, [list]);

  return React.useCallback(() => {
    const element = list.current;
    if (element) {
      const below =
        element.scrollHeight - element.scrollTop - element.clientHeight;
      following.current = below <= NEAR;
    }
  }, [list]);
}
