import { Button, checkIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { cellName } from '../code_cells';
import type { IFixProposed } from '../protocol';
import type { IRunView } from '../state';
import { Another } from './Another';
import { useAgent } from './context';
import { useDecision } from './decision';
import { MarkdownLine } from './Markdown';
import { acceptLabel } from './ProposalBar';

interface IFixDecisionProps {
  run: IRunView;
  proposal: IFixProposed;
}

/** The same decision as in the cell, for those who read along here. */
export function FixDecision(props: IFixDecisionProps): JSX.Element {
  const { session, trans, focusPrompt } = useAgent();
  const { run, proposal } = props;
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
      <Question {...props} />
      {run.approval && run.approval.reasons.length > 0 && (
        <ul>
          {run.approval.reasons.map(reason => (
            <li key={reason}>
              <MarkdownLine text={reason} />
            </li>
          ))}
        </ul>
      )}
      <div className="jp-oci-Actions">
        {!run.outdated && (
          <Button
            type="button"
            className="jp-oci-Button jp-mod-primary"
            disabled={decided}
            onClick={() => decide(() => session.runProposed())}
          >
            <checkIcon.react tag="span" aria-hidden="true" />
            {acceptLabel(proposal, trans)}
          </Button>
        )}
        <Button
          type="button"
          className="jp-oci-Button"
          disabled={decided}
          onClick={() => decide(() => session.skipProposed())}
        >
          {trans.__('Reject')}
        </Button>
      </div>
      {!run.outdated && (
        <Another
          about={proposal.fix_id}
          disabled={decided}
          trans={trans}
          onAnother={comment => decide(() => session.anotherProposal(comment))}
        />
      )}
    </section>
  );
}

/** Which cell it is about, and why it may not go there. */
function Question(props: IFixDecisionProps): JSX.Element {
  const { session, trans } = useAgent();
  const { run, proposal } = props;
  const { targetCellId } = run;
  const nameOf = (cellId: string) =>
    cellName(session.executionCount(cellId), trans);
  return (
    <>
      <p className="jp-oci-Approval-question">
        {run.outdated
          ? trans.__(
              'The cell was changed meanwhile, so it is left as it is. Copy the change from here if it still helps.'
            )
          : proposal.base === proposal.source
            ? trans.__('Run that cell, and then this one again?')
            : trans.__(
                'Accept this change? You can edit it in the cell first.'
              )}
      </p>
      {targetCellId !== null && targetCellId !== proposal.cell_id && (
        <p>
          {trans.__(
            'The cause is in %1, not in %2.',
            nameOf(proposal.cell_id),
            nameOf(targetCellId)
          )}
        </p>
      )}
    </>
  );
}
