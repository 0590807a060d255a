import {
  Button,
  checkIcon,
  closeIcon,
  refreshIcon,
  stopIcon,
  undoIcon
} from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { formatSeconds } from '../format';
import type { RunStatus } from '../protocol';
import type { IRunView } from '../state';
import { start, useAgent } from './context';
import { MarkdownLine } from './Markdown';
import { Variables } from './Variables';

export const ICONS = {
  done: checkIcon,
  gave_up: closeIcon,
  failed: closeIcon,
  stopped: stopIcon
};

/** How a run that is over is called: by the user's own decision where that ended it. */
export function endLabel(
  status: RunStatus,
  reason: string,
  trans: TranslationBundle
): string {
  if (reason === 'rejected') {
    return trans.__('Rejected');
  }
  switch (status) {
    case 'done':
      return trans.__('Done');
    case 'gave_up':
      return trans.__('Gave up');
    case 'stopped':
      return trans.__('Stopped');
    case 'failed':
      return trans.__('Failed');
  }
}

/** The same, also once what it wrote was taken back. */
export function outcomeLabel(
  run: IRunView,
  status: RunStatus,
  trans: TranslationBundle
): string {
  return run.undone ? trans.__('Undone') : endLabel(status, run.reason, trans);
}

/** Time the model and the kernel took; what the user took to decide is not counted. */
function secondsOf(run: IRunView): number {
  return run.rounds.reduce(
    (sum, round) => sum + round.seconds + (round.execution?.seconds ?? 0),
    0
  );
}

/** What it took; a fix that the search alone found has no reply. */
function factsOf(run: IRunView, trans: TranslationBundle): string[] {
  const replies = run.rounds.filter(round => round.completionTokens > 0).length;
  const time = formatSeconds(secondsOf(run));
  return replies > 0
    ? [trans._n('%1 reply', '%1 replies', replies), time]
    : [time];
}

/** The sentence of the end, unless the model's own answer is one. */
function closingSentence(run: IRunView, trans: TranslationBundle): string {
  if (run.undone) {
    return run.rounds.some(({ execution }) => execution)
      ? trans.__(
          'What was written is taken back. What it did in the kernel stays: restart the kernel to take that back too.'
        )
      : trans.__('What was written is taken back.');
  }
  return run.reason === 'answered' ? '' : run.message;
}

interface IOutcomeProps {
  run: IRunView;
  status: RunStatus;
}

/** How a run ended, and the way back. */
export function Outcome(props: IOutcomeProps): JSX.Element {
  const { session, trans, focusPrompt, suggest } = useAgent();
  const { run, status } = props;
  const Icon = run.undone ? undoIcon : ICONS[status];
  const message = closingSentence(run, trans);
  const askAgain = async () => {
    if (run.targetCellId !== null) {
      await session.reveal(run.targetCellId);
    }
    suggest(run.prompt, run.intent === 'edit');
  };
  return (
    <div className={`jp-oci-Outcome jp-mod-${status}`}>
      {message && (
        <p className="jp-oci-Outcome-message">
          <MarkdownLine text={message} />
        </p>
      )}
      {run.variables && <Variables lines={run.variables} />}
      <div className="jp-oci-Outcome-line">
        <Icon.react
          tag="span"
          className="jp-oci-Result-icon"
          aria-hidden="true"
        />
        <span className="jp-oci-Outcome-status">
          {outcomeLabel(run, status, trans)}
        </span>
        <span className="jp-oci-Outcome-facts" title={run.model}>
          {factsOf(run, trans).join(' · ')}
        </span>
        <span className="jp-oci-Spacer" />
        {(run.intent === 'ask' || run.intent === 'edit') &&
          status !== 'done' && (
            <Button
              type="button"
              small
              className="jp-oci-Button"
              title={trans.__('Put this request into the box below, to change')}
              onClick={() => start(askAgain())}
            >
              <refreshIcon.react tag="span" aria-hidden="true" />
              {trans.__('Ask again')}
            </Button>
          )}
        {run.undoable && (
          <Button
            type="button"
            small
            className="jp-oci-Button"
            title={trans.__('Take back all that this run wrote')}
            onClick={() => {
              focusPrompt();
              session.undo(run.runId);
            }}
          >
            <undoIcon.react tag="span" aria-hidden="true" />
            {trans.__('Undo')}
          </Button>
        )}
      </div>
    </div>
  );
}
