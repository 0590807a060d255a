/**
 * Fold the events of a run into the card that shows it.
 */
import type {
  ICellOpened,
  IExecutionFinished,
  IExecutionStarted,
  IKernelMessage,
  IKernelOutput,
  IReplyFinished,
  IRoundStarted,
  IRunCard,
  IRunFinished,
  IRunStarted,
  RunEvent
} from './protocol';
import type { IRound, IRunView } from './state';

const OUTPUT_LIMIT = 4000;
/** Of code and English in current vocabularies: good for a speed while the reply streams, its end brings the count. */
const CHARACTERS_PER_TOKEN = 3.5;
/** A speed taken over less time than this jumps about, in seconds. */
const SHORTEST_MEASURE = 0.5;

/** A run's card, and what folding its next event needs to know. */
export interface IFoldedRun extends IRunView {
  /** The reply that streams: when its first text came, and how long it is. */
  readonly stream: {
    readonly since: number;
    readonly characters: number;
  } | null;
  /** `clear_output(wait=True)` was said: the next output clears. */
  readonly clearNext: boolean;
}

/** The card of a run of which no event is known yet. */
export function unfolded(card: IRunCard): IFoldedRun {
  return {
    runId: card.run_id,
    intent: 'ask',
    targetCellId: null,
    prompt: card.prompt,
    mode: card.mode,
    model: card.model,
    maxRounds: 0,
    started: card.started,
    status: 'running',
    reason: '',
    message: '',
    phase: 'queued',
    detail: '',
    fraction: null,
    rounds: [],
    context: null,
    approval: null,
    outdated: false,
    conflicts: [],
    undoable: false,
    tokensPerSecond: null,
    stream: null,
    clearNext: false
  };
}

/** The card after one more event. */
export function fold(run: IFoldedRun, event: RunEvent): IFoldedRun {
  switch (event.type) {
    case 'run_started':
      return started(run, event);
    case 'status_changed': {
      const { phase, detail, fraction } = event;
      return { ...run, phase, detail, fraction };
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
      return {
        ...(event.decision === 'run'
          ? inLastRound(run, () => ({ source: event.source }))
          : run),
        approval: null
      };
    case 'execution_started':
      return executionStarted(run, event);
    case 'kernel_output':
      return kernelOutput(run, event);
    case 'execution_finished':
      return executionFinished(run, event);
    case 'feedback_given':
      return inLastRound(run, () => ({ feedback: event.text }));
    case 'run_finished':
      return finished(run, event);
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
    feedback: '',
    completionTokens: 0,
    seconds: 0
  };
  return { ...run, rounds: [...run.rounds, round], stream: null };
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

function executionStarted(
  run: IFoldedRun,
  event: IExecutionStarted
): IFoldedRun {
  const execution: IRound['execution'] = {
    status: 'running',
    seconds: null,
    executionCount: null,
    ename: '',
    evalue: '',
    text: '',
    figures: 0
  };
  return {
    ...inRoundOf(run, event.cell_id, () => ({
      execution,
      source: event.source
    })),
    clearNext: false
  };
}

function kernelOutput(run: IFoldedRun, event: IKernelOutput): IFoldedRun {
  const { message, cell_id } = event;
  if (message.msg_type === 'clear_output' && message.content.wait) {
    return { ...run, clearNext: true };
  }
  const clears = run.clearNext || message.msg_type === 'clear_output';
  const text = textOf(message);
  const figures = isFigure(message) ? 1 : 0;
  if (!text && !figures && message.msg_type !== 'clear_output') {
    return run;
  }
  return {
    ...inExecution(run, cell_id, before => ({
      text: `${clears ? '' : before.text}${text}`.slice(0, OUTPUT_LIMIT),
      figures: (clears ? 0 : before.figures) + figures
    })),
    clearNext: false
  };
}

function executionFinished(
  run: IFoldedRun,
  event: IExecutionFinished
): IFoldedRun {
  const { cell_id, status, seconds, execution_count, ename, evalue } = event;
  return inExecution(run, cell_id, () => ({
    status,
    seconds,
    ename,
    evalue,
    executionCount: execution_count
  }));
}

function finished(run: IFoldedRun, event: IRunFinished): IFoldedRun {
  const { status, reason, message } = event;
  return {
    ...run,
    status,
    reason,
    message,
    approval: null,
    fraction: null,
    stream: null
  };
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

function inLastRound(
  run: IFoldedRun,
  change: (round: IRound) => Partial<IRound>
): IFoldedRun {
  return inRound(run, run.rounds.length - 1, change);
}

function inRoundOf(
  run: IFoldedRun,
  cellId: string,
  change: (round: IRound) => Partial<IRound>
): IFoldedRun {
  const cells = run.rounds.map(round => round.cellId);
  return inRound(run, cells.lastIndexOf(cellId), change);
}

function inExecution(
  run: IFoldedRun,
  cellId: string,
  change: (
    execution: NonNullable<IRound['execution']>
  ) => Partial<NonNullable<IRound['execution']>>
): IFoldedRun {
  return inRoundOf(run, cellId, ({ execution }) =>
    execution ? { execution: { ...execution, ...change(execution) } } : {}
  );
}

function inRound(
  run: IFoldedRun,
  index: number,
  change: (round: IRound) => Partial<IRound>
): IFoldedRun {
  const rounds = run.rounds.map((round, i) =>
    i === index ? { ...round, ...change(round) } : round
  );
  return { ...run, rounds };
}

function textOf({ msg_type, content }: IKernelMessage): string {
  if (msg_type === 'stream') {
    return String(content.text ?? '');
  }
  const plain = dataOf({ msg_type, content, metadata: {} })['text/plain'];
  return plain === undefined ? '' : `${String(plain)}\n`;
}

function isFigure(message: IKernelMessage): boolean {
  return Object.keys(dataOf(message)).some(type => type.startsWith('image/'));
}

function dataOf({
  msg_type,
  content
}: IKernelMessage): Record<string, unknown> {
  return msg_type === 'display_data' || msg_type === 'execute_result'
    ? ((content.data ?? {}) as Record<string, unknown>)
    : {};
}
