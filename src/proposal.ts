/**
 * A fix that is proposed, and whether it waits.
 */
import type { IFixProposed } from './protocol';
import type { IRunView } from './state';

/** The proposal that the user is asked about, if one is. */
export function waitingProposal(
  run: Pick<IRunView, 'rounds' | 'approval'> | null
): IFixProposed | null {
  const proposal = run?.rounds[run.rounds.length - 1]?.proposal;
  const isAsked =
    proposal &&
    run.approval?.cell_id === proposal.cell_id &&
    run.approval.source === proposal.source;
  return isAsked ? proposal : null;
}
