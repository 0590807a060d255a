import type { TranslationBundle } from '@jupyterlab/translation';
import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import { isComposing } from '../composing';

/** The server takes no longer one. */
const MAX_CHARACTERS = 2000;

/** What was typed and not sent, by what it is about: panel and cell are drawn anew as the user looks elsewhere. */
const drafts = new Map<string, string>();

interface IAnotherProps {
  /** The approval, or the fix, that is decided on. */
  about: string;
  disabled: boolean;
  trans: TranslationBundle;
  /** Have another one written: as the comment says, or in any other way where it is empty. */
  onAnother(comment: string): void;
}

/** The user wants what is shown otherwise, and may say how: Enter sends. */
export function Another(props: IAnotherProps): JSX.Element {
  const { about, disabled, trans } = props;
  const input = React.useRef<HTMLInputElement>(null);
  const comment = () => input.current?.value.trim() ?? '';
  const send = () => {
    drafts.delete(about);
    props.onAnother(comment());
  };
  // Not a form: in a cell JupyterLab keeps Enter from submitting one, and Shift+Enter runs the cell.
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Enter' && !isComposing(event.nativeEvent)) {
      event.preventDefault();
      event.stopPropagation();
      if (comment()) {
        send();
      }
    }
  };
  return (
    <div className="jp-oci-Sentence">
      <input
        ref={input}
        type="text"
        dir="auto"
        maxLength={MAX_CHARACTERS}
        aria-label={trans.__('What to change')}
        placeholder={trans.__('Say what to change…')}
        title={trans.__('Enter sends')}
        disabled={disabled}
        defaultValue={drafts.get(about)}
        onChange={({ target }) => drafts.set(about, target.value)}
        onKeyDown={onKeyDown}
      />
      <Button
        type="button"
        small
        className="jp-oci-Button"
        disabled={disabled}
        onClick={send}
      >
        {trans.__('Try another')}
      </Button>
    </div>
  );
}
