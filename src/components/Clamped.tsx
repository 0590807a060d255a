import * as React from 'react';

import { countLines } from '../format';
import { useAgent } from './context';

interface IClampedProps {
  /** The text that is shown inside. */
  text: string;
  /** Lines to show before 'Show all'. */
  limit: number;
  /** Keep the end in view, as while it is being written. */
  followEnd?: boolean;
  /** Open it as long as all of it matters. */
  open?: boolean;
  children: React.ReactNode;
}

/** Lines beyond this are worth hiding: a button for one line more is in the way. */
const SLACK = 3;

/** Rows of text that the content takes: a long line may be wrapped. */
function countRows(body: HTMLElement, lines: number): number {
  const text = body.querySelector('pre') ?? body;
  const height = parseFloat(getComputedStyle(text).lineHeight);
  return Math.max(lines, Math.floor(body.scrollHeight / height) || 0);
}

/** Long code or output, cut at a height that stays the same while it grows. */
export function Clamped(props: IClampedProps): JSX.Element {
  const { trans } = useAgent();
  const { text, limit, followEnd, open } = props;
  const body = React.useRef<HTMLDivElement>(null);
  const [expanded, setExpanded] = React.useState(false);
  const lines = countLines(text);
  const [rows, setRows] = React.useState(lines);
  const isLong = Math.max(rows, lines) > limit + SLACK;
  const cut = isLong && !expanded;

  React.useEffect(() => setExpanded(open ?? false), [open]);
  React.useLayoutEffect(() => {
    const element = body.current as HTMLElement;
    const measure = () => setRows(countRows(element, lines));
    measure();
    if (typeof ResizeObserver === 'undefined') {
      return;
    }
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [text, lines]);
  React.useLayoutEffect(() => {
    if (body.current && cut) {
      body.current.scrollTop = followEnd ? body.current.scrollHeight : 0;
    }
  }, [text, cut, followEnd]);

  return (
    <>
      <div
        ref={body}
        className={`jp-oci-Clamped ${cut ? 'jp-mod-cut' : ''}`}
        style={{ '--jp-oci-lines': limit } as React.CSSProperties}
      >
        {props.children}
      </div>
      {isLong && !followEnd && (
        <button
          type="button"
          className="jp-oci-TextButton jp-oci-Clamped-toggle"
          aria-expanded={expanded}
          onClick={() => setExpanded(!expanded)}
        >
          {expanded
            ? trans.__('Show less')
            : trans.__('Show all %1 lines', lines)}
        </button>
      )}
    </>
  );
}
