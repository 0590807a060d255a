import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Sentence } from './Sentence';

/** What was typed, by what it is about: panel and cell are drawn anew as the user looks elsewhere. */
const drafts = new Map<string, string>();

interface IAnotherProps {
  /** The approval, or the fix, that is decided on. */
  about: string;
  disabled: boolean;
  trans: TranslationBundle;
  /** Have another one written: as the comment says, or in any other way where it is empty. */
  onAnother(comment: string): void;
}

/** The user wants what is shown otherwise, and may say how. */
export function Another(props: IAnotherProps): JSX.Element {
  const { about, disabled, trans } = props;
  return (
    <Sentence
      label={trans.__('What to change')}
      placeholder={trans.__('Say what to change…')}
      action={trans.__('Try another')}
      disabled={disabled}
      draft={drafts.get(about)}
      needsWords
      onChange={words => drafts.set(about, words)}
      onSend={comment => {
        drafts.delete(about);
        props.onAnother(comment);
      }}
    />
  );
}
