import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { visibleProse } from '../invisibles';
import { waitingProposal } from '../proposal';
import type { IRunView } from '../state';
import { Approval } from './Approval';
import { Conflict } from './Conflict';
import { useAgent } from './context';
import { FixDecision } from './FixDecision';
import { Outcome } from './Outcome';
import { RoundView } from './RoundView';
import { runTitle } from './runTitle';

interface IRunCardProps {
  run: IRunView;
  /** Runs before the last one are folded until they are opened, unless they are answers in words. */
  isLast: boolean;
}

/** One request, and everything that was done about it. */
export function RunCard(props: IRunCardProps): JSX.Element {
  const { run, isLast } = props;
  const [chosen, setChosen] = React.useState<boolean | null>(null);
  const { session, trans } = useAgent();
  const title = visibleProse(runTitle(run, session, trans));
  const proposal = waitingProposal(run);
  const open =
    chosen ?? (isLast || run.status === 'running' || isAnswerInWords(run));
  return (
    <article className="jp-oci-Card" aria-label={title}>
      <PromptLine title={title} open={open} onToggle={() => setChosen(!open)} />
      {open && <Rounds run={run} />}
      {run.approval && !proposal && (
        <Approval
          key={run.approval.approval_id}
          approval={run.approval}
          isGone={run.outdated}
        />
      )}
      {proposal && (
        <FixDecision
          key={run.approval?.approval_id}
          run={run}
          proposal={proposal}
        />
      )}
      {run.conflicts.map(conflict => (
        <Conflict key={conflict.cellId} runId={run.runId} {...conflict} />
      ))}
      {run.status !== 'running' && <Outcome run={run} status={run.status} />}
    </article>
  );
}

/** Such an answer stands nowhere else. */
function isAnswerInWords(run: IRunView): boolean {
  return run.status === 'done' && run.rounds.every(({ cellId }) => !cellId);
}

interface IPromptLineProps {
  title: string;
  open: boolean;
  onToggle(): void;
}

function PromptLine(props: IPromptLineProps): JSX.Element {
  const { open, title } = props;
  const Caret = open ? caretDownIcon : caretRightIcon;
  return (
    <h3 className="jp-oci-Prompt">
      <button
        type="button"
        className="jp-oci-Prompt-toggle"
        aria-expanded={open}
        onClick={props.onToggle}
      >
        <Caret.react
          tag="span"
          className="jp-oci-Prompt-caret"
          aria-hidden="true"
        />
        <span className="jp-oci-Prompt-text" dir="auto">
          {title}
        </span>
      </button>
    </h3>
  );
}

function Rounds(props: { run: IRunView }): JSX.Element {
  const { trans } = useAgent();
  const { run } = props;
  const dropped = run.context?.dropped_cells ?? 0;
  return (
    <>
      {dropped > 0 && (
        <p className="jp-oci-Card-note">
          {trans._n(
            '%1 cell far from the active one did not fit and was left out.',
            '%1 cells far from the active one did not fit and were left out.',
            dropped
          )}
        </p>
      )}
      {run.rounds.map((round, index) => {
        const isCurrent =
          run.status === 'running' && index === run.rounds.length - 1;
        return (
          <RoundView
            key={round.round}
            round={round}
            byLine={run.intent === 'hint'}
            writing={isCurrent && run.phase === 'writing'}
            awaiting={isCurrent && run.approval !== null}
          />
        );
      })}
    </>
  );
}
