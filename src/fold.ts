/**
 * Fold the events of a run into the card that shows it.
 */
import type {
  IApprovalResolved,
  ICellOpened,
  IReplyFinished,
  IRoundStarted,
  IRunFinished,
  IRunStarted,
  RunEvent
} from './protocol';
import {
  executionFinished,
  executionStarted,
  kernelOutput
} from './fold_execution';
import type { IFoldedRun } from './folded_run';
import { inLastRound } from './folded_run';
import type { IRound } from './state';

/** Of code and English in current vocabularies: good for a speed while the reply streams, its end brings the count. */
const CHARACTERS_PER_TOKEN = 3.5;
/** A speed taken over less time than this jumps about, in seconds. */
const SHORTEST_MEASURE = 0.5;

/** The card after one more event. */
export function fold(run: IFoldedRun, event: RunEvent): IFoldedRun {
  switch (event.type) {
    case 'run_started':
      return started(run, event);
    case 'status_changed': {
      const { phase, detail, fraction } = event;
      const limit = phase === 'running' ? (event.limit ?? run.limit) : 0;
      return { ...run, phase, detail, fraction, limit };
    }
    case 'context_built':
      return { ...run, context: event };
    case 'round_started':
      return roundStarted(run, event);
    case 'text_delta':
      return streamed(run, event.text, event.time, round => ({
        text: `${round.text}${pause(run, round)}${event.text}`
      }));
    case 'cell_opened':
      return cellOpened(run, event);
    case 'source_delta':
      return streamed(run, event.text, event.time, round => ({
        source: round.source + event.text
      }));
    case 'source_finished':
      return inLastRound(run, () => ({ source: event.source }));
    case 'reply_finished':
      return replyFinished(run, event);
    case 'fix_proposed':
      return inLastRound(run, () => ({ proposal: event }));
    case 'approval_requested':
      return { ...run, approval: event };
    case 'approval_resolved':
      return { ...approvalResolved(run, event), approval: null };
    case 'execution_started':
      return executionStarted(run, event);
    case 'kernel_output':
      return kernelOutput(run, event);
    case 'execution_finished':
      return executionFinished(run, event);
    case 'feedback_given':
      return inLastRound(run, () => ({ feedback: event.text }));
    case 'variables_changed':
      return { ...run, variables: event };
    case 'run_finished':
      return finished(run, event);
    default:
      // A server that is newer than this page says more than it knows.
      return run;
  }
}

function started(run: IFoldedRun, event: IRunStarted): IFoldedRun {
  const { prompt, mode, model, max_rounds, time } = event;
  const { intent = 'ask', target_cell_id = null } = event;
  return {
    ...run,
    intent,
    targetCellId: target_cell_id,
    prompt,
    mode,
    model,
    maxRounds: max_rounds,
    started: time
  };
}

function roundStarted(run: IFoldedRun, event: IRoundStarted): IFoldedRun {
  const revised = event.revises
    ? [...run.rounds].reverse().find(round => round.cellId === event.revises)
    : undefined;
  const round: IRound = {
    round: event.round,
    attempt: event.attempt,
    text: '',
    cellId: null,
    source: '',
    previousSource: revised ? revised.source : null,
    proposal: null,
    execution: null,
    comment: '',
    feedback: '',
    completionTokens: 0,
    seconds: 0
  };
  return { ...run, rounds: [...run.rounds, round], stream: null };
}

/** What ran, or is written anew, is the source as the user had it. */
function approvalResolved(
  run: IFoldedRun,
  { decision, source, comment = '' }: IApprovalResolved
): IFoldedRun {
  return inLastRound(run, ({ proposal }) => ({
    comment,
    ...(decision === 'run' || (decision === 'another' && !proposal)
      ? { source }
      : {})
  }));
}

function cellOpened(run: IFoldedRun, event: ICellOpened): IFoldedRun {
  return inLastRound(run, () => ({ cellId: event.cell_id, source: '' }));
}

function replyFinished(run: IFoldedRun, event: IReplyFinished): IFoldedRun {
  const { completion_tokens, seconds, time } = event;
  const spent = run.stream ? time - run.stream.since : seconds;
  return {
    ...inLastRound(run, () => ({
      completionTokens: completion_tokens,
      seconds
    })),
    tokensPerSecond: speed(completion_tokens, spent) ?? run.tokensPerSecond,
    stream: null
  };
}

function finished(run: IFoldedRun, event: IRunFinished): IFoldedRun {
  const { status, reason, message } = event;
  return {
    ...run,
    rounds: run.rounds.map(ended),
    status,
    reason,
    message,
    approval: null,
    fraction: null,
    stream: null
  };
}

/** What was not said to have ended before its run, ended with it. */
function ended(round: IRound): IRound {
  const { execution } = round;
  return execution?.status === 'running'
    ? { ...round, execution: { ...execution, status: 'interrupted' } }
    : round;
}

/** A model that is asked again begins a paragraph. */
function pause(run: IFoldedRun, round: IRound): string {
  return run.stream === null && round.text ? '\n\n' : '';
}

function streamed(
  run: IFoldedRun,
  text: string,
  time: number,
  change: (round: IRound) => Partial<IRound>
): IFoldedRun {
  const since = run.stream ? run.stream.since : time;
  const characters = (run.stream ? run.stream.characters : 0) + text.length;
  return {
    ...inLastRound(run, change),
    stream: { since, characters },
    tokensPerSecond:
      speed(characters / CHARACTERS_PER_TOKEN, time - since) ??
      run.tokensPerSecond
  };
}

function speed(tokens: number, seconds: number): number | null {
  return seconds >= SHORTEST_MEASURE ? tokens / seconds : null;
}
