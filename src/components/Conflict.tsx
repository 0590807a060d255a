import { Button } from '@jupyterlab/ui-components';
import * as React from 'react';

import { locateIcon } from '../icons';
import { start, useAgent } from './context';
import { Disclosure } from './Disclosure';
import { HighlightedCode } from './HighlightedCode';
import { IconButton } from './IconButton';

interface IConflictProps {
  runId: string;
  cellId: string;
  /** The agent's version. */
  offered: string;
}

/** The user changed a cell that the agent works on: the user's version stands, the agent's is offered. */
export function Conflict(props: IConflictProps): JSX.Element {
  const { session, language, trans, focusPrompt } = useAgent();
  const { runId, cellId, offered } = props;
  return (
    <section
      className="jp-oci-Conflict"
      aria-label={trans.__('You changed this cell')}
    >
      <div className="jp-oci-Conflict-title">
        <span>{trans.__('You changed this cell. Your version stands.')}</span>
        <span className="jp-oci-Spacer" />
        <IconButton
          icon={locateIcon}
          label={trans.__('Show cell')}
          onClick={() => start(session.reveal(cellId))}
        />
      </div>
      <Disclosure summary={trans.__("The agent's version")}>
        <HighlightedCode code={offered} language={language} />
      </Disclosure>
      <div className="jp-oci-Actions">
        <Button
          type="button"
          className="jp-oci-Button"
          onClick={() => {
            focusPrompt();
            session.acceptOffered(runId, cellId);
          }}
        >
          {trans.__("Use the agent's version")}
        </Button>
        <Button
          type="button"
          className="jp-oci-Button"
          onClick={() => {
            focusPrompt();
            session.keepOwn(runId, cellId);
          }}
        >
          {trans.__('Keep mine')}
        </Button>
      </div>
    </section>
  );
}
