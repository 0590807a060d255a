import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import { isComposing } from '../composing';
import { historyKey } from '../history_key';

/** The server takes no longer comment. */
const MAX_CHARACTERS = 2000;

interface ISentenceProps {
  label: string;
  placeholder: string;
  /** What the button says. */
  action: string;
  primary?: boolean;
  disabled?: boolean;
  /** What stands in the field at first. */
  draft?: string;
  takesFocus?: boolean;
  /** Enter sends nothing where nothing is typed; the button does. */
  needsWords?: boolean;
  onSend(words: string): void;
  onChange?(words: string): void;
  /** Escape was pressed. */
  onLeave?(): void;
}

/** One line of the user's, and a button: Enter sends it too. */
export function Sentence(props: ISentenceProps): JSX.Element {
  const input = React.useRef<HTMLInputElement>(null);
  const words = () => input.current?.value.trim() ?? '';
  React.useEffect(() => {
    if (props.takesFocus) {
      input.current?.focus();
    }
  }, []);
  // Not a form: in a cell JupyterLab keeps Enter from submitting one, and Shift+Enter runs the cell.
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Enter' && !isComposing(event.nativeEvent)) {
      event.preventDefault();
      event.stopPropagation();
      if (words() || !props.needsWords) {
        props.onSend(words());
      }
    } else if (event.key === 'Escape') {
      props.onLeave?.();
    } else if (historyKey(event)) {
      // The browser's own, in this field: JupyterLab would do it in the cell.
      event.stopPropagation();
    }
  };
  return (
    <div className="jp-oci-Sentence">
      <input
        ref={input}
        type="text"
        dir="auto"
        maxLength={MAX_CHARACTERS}
        aria-label={props.label}
        placeholder={props.placeholder}
        disabled={props.disabled}
        defaultValue={props.draft}
        onChange={({ target }) => props.onChange?.(target.value)}
        onKeyDown={onKeyDown}
      />
      <Button
        type="button"
        small
        className={`jp-oci-Button${props.primary ? ' jp-mod-primary' : ''}`}
        disabled={props.disabled}
        onClick={() => props.onSend(words())}
      >
        {props.action}
      </Button>
    </div>
  );
}
