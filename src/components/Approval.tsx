import { Button, runIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { IApprovalRequested } from '../protocol';
import { Another } from './Another';
import { useAgent } from './context';
import { useDecision } from './decision';
import { MarkdownLine } from './Markdown';

interface IApprovalProps {
  approval: IApprovalRequested;
  /** The cell is no longer in the notebook. */
  isGone: boolean;
}

/** The run waits for the user. The cell may be edited first: what runs is what stands in it. */
export function Approval(props: IApprovalProps): JSX.Element {
  const { session, trans, focusPrompt } = useAgent();
  const [decided, makeDecision] = useDecision();

  const decide = (request: () => Promise<void>) => {
    focusPrompt();
    makeDecision(request);
  };
  return (
    <section
      className="jp-oci-Approval"
      aria-label={trans.__('The agent waits for you')}
    >
      <p className="jp-oci-Approval-question">
        {props.isGone
          ? trans.__(
              'The cell is no longer in the notebook, so it is not run. Skip it, or undo its deletion in the notebook.'
            )
          : trans.__('Run this cell? You can edit it first.')}
      </p>
      {props.approval.reasons.length > 0 && (
        <ul>
          {props.approval.reasons.map(reason => (
            <li key={reason}>
              <MarkdownLine text={reason} />
            </li>
          ))}
        </ul>
      )}
      <div className="jp-oci-Actions">
        {!props.isGone && (
          <Button
            type="button"
            className="jp-oci-Button jp-mod-primary"
            disabled={decided}
            onClick={() => decide(() => session.runProposed())}
          >
            <runIcon.react tag="span" aria-hidden="true" />
            {trans.__('Run')}
          </Button>
        )}
        <Button
          type="button"
          className="jp-oci-Button"
          disabled={decided}
          onClick={() => decide(() => session.skipProposed())}
        >
          {trans.__('Skip')}
        </Button>
      </div>
      {!props.isGone && (
        <Another
          about={props.approval.approval_id}
          disabled={decided}
          trans={trans}
          onAnother={comment => decide(() => session.anotherProposal(comment))}
        />
      )}
    </section>
  );
}
