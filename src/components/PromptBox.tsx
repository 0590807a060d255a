import { Button, caretDownIcon, caretUpIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Drafts } from '../drafts';
import { sendIcon } from '../icons';
import type { ISession, ISessionState } from '../state';
import { useContentRevision } from './contentRevision';
import { start, useAgent } from './context';
import { NextRequest } from './NextRequest';
import { Preview } from './Preview';
import { PromptInput } from './PromptInput';
import { TargetSwitch } from './TargetSwitch';
import { whyNotAsk } from './whyNotAsk';

interface IPromptBoxProps {
  state: ISessionState;
  drafts: Drafts;
  inputRef: React.RefObject<HTMLTextAreaElement>;
  /** The draft changed. */
  onDraft(): void;
}

/** Where a request is written and sent. */
export function PromptBox(props: IPromptBoxProps): JSX.Element {
  const { session, trans } = useAgent();
  const { state, drafts, inputRef, onDraft } = props;
  const { active, next } = state;
  const unavailable = whyNotAsk(state, trans);
  const previewId = React.useId();
  const [previewing, setPreviewing] = React.useState(false);
  useContentRevision(session); // the active cell may be another one
  const { activeCellId } = session;
  const edits = activeCellId !== null && drafts.isEdit(state);
  const cellId = edits ? activeCellId : null;
  const text = drafts.get(state);
  const prompt = text.trim();
  const isNext = active !== null;
  const canAsk = unavailable === null && next === null && prompt !== '';

  const write = (draft: string) => {
    drafts.set(state, draft);
    onDraft();
  };
  const choose = (isEdit: boolean) => {
    drafts.setEdit(state, isEdit);
    onDraft();
  };
  const send = () => {
    if (!canAsk) {
      return;
    }
    setPreviewing(false);
    const end = drafts.send(state);
    onDraft();
    inputRef.current?.focus();
    const sent = isNext
      ? session.askNext({ prompt, cellId })
      : request(session, prompt, cellId).then(() => true);
    start(
      sent
        .catch(() => false)
        .then(isSent => {
          // Its cell is the one that is named when it is sent again.
          end(isSent, edits && session.activeCellId === cellId);
          onDraft();
        })
    );
  };
  const Caret = previewing ? caretDownIcon : caretUpIcon;

  return (
    <div className="jp-oci-PromptBox">
      {previewing && <Preview id={previewId} prompt={prompt} cellId={cellId} />}
      {next && <NextRequest request={next} />}
      <TargetSwitch cellId={activeCellId} edits={edits} onChoose={choose} />
      <div className="jp-oci-PromptBox-frame">
        <PromptInput
          text={text}
          disabled={unavailable !== null && !isNext}
          inputRef={inputRef}
          onChange={write}
          onSend={send}
        />
        <div className="jp-oci-PromptBox-actions">
          <button
            type="button"
            className="jp-oci-TextButton jp-oci-Preview-toggle"
            aria-expanded={previewing}
            aria-controls={previewing ? previewId : undefined}
            disabled={unavailable !== null}
            onClick={() => setPreviewing(!previewing)}
          >
            <Caret.react tag="span" aria-hidden="true" />
            {trans.__('What will be sent')}
          </button>
          <span className="jp-oci-Spacer" />
          <Button
            type="button"
            className="jp-oci-Button jp-mod-primary"
            disabled={!canAsk}
            title={
              isNext ? trans.__('It is sent once this run is done') : undefined
            }
            onClick={send}
          >
            <sendIcon.react tag="span" aria-hidden="true" />
            {isNext ? trans.__('Send next') : trans.__('Send')}
          </Button>
        </div>
      </div>
    </div>
  );
}

/** Have a cell changed, or new ones written. */
function request(
  session: ISession,
  prompt: string,
  cellId: string | null
): Promise<void> {
  return cellId === null
    ? session.ask(prompt)
    : session.askAbout('edit', cellId, prompt);
}
