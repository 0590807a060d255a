/**
 * Keep the end of a growing list in view, as long as the user is there.
 */
import * as React from 'react';

/** How far from the end still counts as being there, in pixels. */
const NEAR = 24;

interface IPosition {
  top: number;
  /** Changes when the content or the list changes its size, and not when the user scrolls. */
  room: number;
}

function positionOf(element: HTMLElement): IPosition {
  const { scrollTop, scrollHeight, clientHeight } = element;
  return { top: scrollTop, room: scrollHeight - clientHeight };
}

/** Follows the end of `list`; `newest` changes when something begins that the user just asked for. */
export function useFollowEnd(
  list: React.RefObject<HTMLElement>,
  newest: string
): () => void {
  const following = React.useRef(true);
  const last = React.useRef<IPosition>({ top: 0, room: 0 });

  const follow = React.useCallback(() => {
    const element = list.current;
    if (element && following.current) {
      element.scrollTop = element.scrollHeight;
      last.current = positionOf(element);
    }
  }, [list]);

  React.useLayoutEffect(() => {
    following.current = true;
  }, [newest]);
  React.useLayoutEffect(follow);
  React.useEffect(() => {
    const element = list.current;
    if (!element || typeof ResizeObserver === 'undefined') {
      return;
    }
    // What grows without a render of ours: colours, diffs, the list itself.
    const observer = new ResizeObserver(follow);
    observer.observe(element);
    if (element.firstElementChild) {
      observer.observe(element.firstElementChild);
    }
    return () => observer.disconnect();
  }, [list, follow]);

  return React.useCallback(() => {
    if (!list.current) {
      return;
    }
    const now = positionOf(list.current);
    const isAtEnd = now.room - now.top <= NEAR;
    // The browser also scrolls up, when sizes change; that is not the user's will.
    const wentUp = now.top < last.current.top && now.room === last.current.room;
    following.current = isAtEnd || (following.current && !wentUp);
    last.current = now;
  }, [list]);
}
