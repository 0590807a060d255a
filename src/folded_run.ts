/**
 * A run's card while it is folded, and changes of one of its rounds.
 */
import type { IRunCard } from './protocol';
import type { IRound, IRunView } from './state';

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
    limit: 0,
    rounds: [],
    context: null,
    approval: null,
    outdated: false,
    conflicts: [],
    undoable: false,
    undone: false,
    tokensPerSecond: null,
    variables: null,
    stream: null,
    clearNext: false
  };
}

export function inLastRound<T extends Pick<IRunView, 'rounds'>>(
  run: T,
  change: (round: IRound) => Partial<IRound>
): T {
  return inRound(run, run.rounds.length - 1, change);
}

export function inRoundOf(
  run: IFoldedRun,
  cellId: string,
  change: (round: IRound) => Partial<IRound>
): IFoldedRun {
  const cells = run.rounds.map(round => round.cellId);
  return inRound(run, cells.lastIndexOf(cellId), change);
}

export function inExecution(
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

function inRound<T extends Pick<IRunView, 'rounds'>>(
  run: T,
  index: number,
  change: (round: IRound) => Partial<IRound>
): T {
  const rounds = run.rounds.map((round, i) =>
    i === index ? { ...round, ...change(round) } : round
  );
  return { ...run, rounds };
}
