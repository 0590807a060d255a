import * as React from 'react';

import { isComposing } from '../composing';
import { useAgent } from './context';
import { usePromptHistory } from './promptHistory';

interface IPromptInputProps {
  text: string;
  disabled: boolean;
  inputRef: React.RefObject<HTMLTextAreaElement>;
  onChange(text: string): void;
  onSend(): void;
}

/** The box to type in: Enter sends, Shift+Enter breaks the line, Up in an empty box recalls. */
export function PromptInput(props: IPromptInputProps): JSX.Element {
  const { session, trans } = useAgent();
  const { text, inputRef, onChange } = props;
  const history = usePromptHistory(session.prompts);

  React.useLayoutEffect(() => {
    const input = inputRef.current;
    if (input) {
      input.style.height = 'auto';
      // A panel that is not shown yet measures nothing.
      if (input.scrollHeight > 0) {
        input.style.height = `${input.scrollHeight}px`;
      }
    }
  }, [text, inputRef]);

  const recall = (
    event: React.KeyboardEvent<HTMLTextAreaElement>,
    prompt: string | null
  ) => {
    if (prompt === null) {
      return;
    }
    event.preventDefault();
    onChange(prompt);
    const input = event.currentTarget;
    // At the start, so that the next Up goes on.
    requestAnimationFrame(() => input.setSelectionRange(0, 0));
  };

  const onKeyDown = (event: React.KeyboardEvent<HTMLTextAreaElement>) => {
    if (isComposing(event.nativeEvent) || hasModifier(event)) {
      return;
    }
    const { selectionStart, selectionEnd } = event.currentTarget;
    const isAtStart = selectionStart === 0 && selectionEnd === 0;
    switch (event.key) {
      case 'Enter':
        event.preventDefault();
        history.leave();
        props.onSend();
        break;
      case 'ArrowUp':
        // What is typed is not replaced.
        if (isAtStart && (text === '' || history.isWalking)) {
          recall(event, history.older());
        }
        break;
      case 'ArrowDown':
        recall(event, history.newer());
        break;
    }
  };

  return (
    <textarea
      ref={inputRef}
      className="jp-oci-PromptBox-input"
      aria-label={trans.__('Ask the notebook agent')}
      placeholder={trans.__('Ask the notebook agent…')}
      title={trans.__('Enter sends, Shift+Enter breaks the line')}
      dir="auto"
      rows={2}
      value={text}
      disabled={props.disabled}
      onChange={event => {
        history.leave();
        onChange(event.target.value);
      }}
      onKeyDown={onKeyDown}
    />
  );
}

function hasModifier(event: React.KeyboardEvent): boolean {
  return event.shiftKey || event.ctrlKey || event.altKey || event.metaKey;
}
