/**
 * What the bar below a code cell shows, if the cell has one.
 */
import type { ICodeCellModel } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';

import { isLocked } from './code_cells';
import { phaseProgress } from './components/phase';
import { waitingProposal } from './proposal';
import type { IApprovalRequested, Intent, RunStatus } from './protocol';
import type { IRunView } from './state';

/** The user stopped the cell: there is nothing to fix. */
const INTERRUPTED = 'KeyboardInterrupt';
/** What changes a cell; the other answers are read in the panel. */
const CHANGING: Intent[] = ['edit', 'fix'];
/** The user need not be told of what they did. */
export const USERS_OWN_ENDS = ['rejected', 'ran', 'stopped', 'interrupted'];

/** Help with an error is offered. */
export interface IOffer {
  type: 'offer';
  hintOnly: boolean;
  /** Why it can't be had now. */
  disabled: string | null;
}

/** The agent waits for the user's word about what stands in the cell. */
export interface IAsks {
  type: 'asks';
  approvalId: string;
  reasons: string[];
}

/** A run about this cell goes on. */
export interface IBusy {
  type: 'busy';
  words: string;
  /** The run waits for the user. */
  waits: boolean;
  /** The cell that the proposed fix is for, if it is another. */
  causeId: string | null;
  /** The proposal is only in the panel. */
  inPanel: boolean;
}

/** The last change of this cell is over. */
export interface IEnded {
  type: 'ended';
  status: RunStatus;
  message: string;
  offer: IOffer | null;
}

export type ICellBarState = IOffer | IAsks | IBusy | IEnded;

/** What holds for every cell of the notebook. */
export interface INotebookState {
  hintOnly: boolean;
  unavailable: string | null;
  active: IRunView | null;
  /** The approval that waits for what stands in a cell. */
  asked: IApprovalRequested | null;
  /** The newest run, while its end is to be shown. */
  last: IRunView | null;
  /** A cell as users see it. */
  nameOf(cellId: string): string;
  trans: TranslationBundle;
}

export function cellBarState(
  cell: ICodeCellModel,
  notebook: INotebookState
): ICellBarState | null {
  const { active, asked } = notebook;
  // A proposal in the cell itself has a bar of its own; none is shown in a locked cell, which may only be run.
  if (
    asked?.cell_id === cell.id &&
    (isLocked(cell) || !waitingProposal(active))
  ) {
    const { approval_id, reasons } = asked;
    return { type: 'asks', approvalId: approval_id, reasons };
  }
  if (active?.targetCellId === cell.id) {
    return busy(cell.id, active, notebook);
  }
  const offer = hasError(cell) ? offerIn(notebook) : null;
  const end = endOf(notebook.last, cell.id);
  return end ? { type: 'ended', ...end, offer } : offer;
}

/** Whether a cell ended with an error; figures are drawn after it. */
export function hasError({ outputs }: ICodeCellModel): boolean {
  return Array.from({ length: outputs.length }, (_, at) =>
    outputs.get(at)
  ).some(
    output => output.type === 'error' && output.toJSON().ename !== INTERRUPTED
  );
}

function offerIn(notebook: INotebookState): IOffer {
  const { hintOnly, unavailable, active, trans } = notebook;
  const atWork = active && trans.__('The agent is at work in this notebook.');
  return { type: 'offer', hintOnly, disabled: unavailable ?? atWork };
}

/** A proposal in the cell itself has a bar of its own. */
function busy(
  cellId: string,
  run: IRunView,
  { nameOf, trans }: INotebookState
): IBusy | null {
  const proposal = waitingProposal(run);
  const isHere = proposal?.cell_id === cellId;
  if (isHere && !run.outdated) {
    return null;
  }
  const common = { type: 'busy', waits: run.phase === 'waiting' } as const;
  if (!proposal) {
    const words = phaseProgress(run, trans);
    return { ...common, words, causeId: null, inPanel: false };
  }
  return {
    ...common,
    words: isHere
      ? trans.__('This cell was changed, so the change is not put into it.')
      : trans.__('The cause is in %1.', nameOf(proposal.cell_id)),
    causeId: isHere ? null : proposal.cell_id,
    inPanel: run.outdated
  };
}

function endOf(
  run: IRunView | null,
  cellId: string
): Pick<IEnded, 'status' | 'message'> | null {
  if (
    !run ||
    !CHANGING.includes(run.intent) ||
    run.targetCellId !== cellId ||
    run.status === 'running' ||
    run.undone ||
    USERS_OWN_ENDS.includes(run.reason)
  ) {
    return null;
  }
  const { status, message } = run;
  return { status, message };
}
