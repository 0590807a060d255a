/**
 * Show the fix that waits for a decision in its cell, for as long as it waits and the cell is as it was.
 */
import type { CodeCell } from '@jupyterlab/cells';
import type { Notebook } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import { cellName, findCodeCell } from './code_cells';
import type { NotebookSession } from './notebook_session';
import { waitingProposal } from './proposal';
import { ProposalView } from './proposal_view';
import type { Answer, IFixProposed } from './protocol';
import type { IRunView } from './state';

const CAUSE_CLASS = 'jp-oci-mod-cause';
const SYMPTOM_CLASS = 'jp-oci-mod-symptom';

/** Of one notebook. */
export class Proposals implements IDisposable {
  constructor(options: Proposals.IOptions) {
    this._options = options;
    const { agent, notebook } = options;
    agent.changed.connect(this._update, this);
    // A cell that was moved has a new widget.
    notebook.model?.cells.changed.connect(this._update, this);
    this._update();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._close();
      Signal.clearData(this);
    }
  }

  private _update(): void {
    const run = this._options.agent.active;
    const proposal = run && !run.outdated ? waitingProposal(run) : null;
    const cell =
      proposal && findCodeCell(this._options.notebook, proposal.cell_id);
    const approvalId = proposal ? run!.approval!.approval_id : undefined;
    if (cell !== this._cell || approvalId !== this._approvalId) {
      this._close();
      if (run && proposal && cell && !cell.readOnly) {
        this._cell = cell;
        this._approvalId = approvalId;
        void this._open(run, proposal, cell);
      }
    }
  }

  private async _open(
    run: IRunView,
    proposal: IFixProposed,
    cell: CodeCell
  ): Promise<void> {
    const follows = this._follows(run);
    this._mark(run, cell);
    if (follows) {
      await this._options.notebook.scrollToCell(cell, 'smart');
    }
    await cell.ready;
    const isSame = this._approvalId === run.approval?.approval_id;
    if (isSame && this._cell === cell) {
      cell.inputHidden = false;
      this._view = this._makeView(run, proposal, cell, follows);
      cell.inputArea?.renderInput(this._view);
    }
  }

  /** Whether the user waits for it: the run was started here, and they are still at its cell. */
  private _follows(run: IRunView): boolean {
    const { agent, notebook } = this._options;
    const focused = document.activeElement;
    return (
      agent.hasAsked(run.runId) &&
      notebook.activeCell?.model.id === run.targetCellId &&
      (notebook.node.contains(focused) || focused === document.body)
    );
  }

  private _makeView(
    run: IRunView,
    proposal: IFixProposed,
    cell: CodeCell,
    takesFocus: boolean
  ): ProposalView {
    const { agent, trans, decide } = this._options;
    const { targetCellId } = run;
    return new ProposalView({
      cell,
      proposal,
      source: agent.proposedSource(proposal),
      elsewhere:
        targetCellId && targetCellId !== proposal.cell_id
          ? trans.__(
              'The cause is here, not in %1.',
              cellName(agent.executionCount(targetCellId), trans)
            )
          : null,
      reasons: run.approval?.reasons ?? [],
      trans,
      takesFocus,
      decide,
      edited: source => agent.editProposal(proposal.fix_id, source)
    });
  }

  private _mark(run: IRunView, cell: CodeCell): void {
    const { notebook } = this._options;
    const target = run.targetCellId && findCodeCell(notebook, run.targetCellId);
    if (target && target !== cell) {
      cell.addClass(CAUSE_CLASS);
      target.addClass(SYMPTOM_CLASS);
      this._marked = [cell, target];
    }
  }

  private _close(): void {
    const view = this._view;
    // Where it closes while a word is typed, the rest of it must not become keys of the notebook.
    const isTyping = document.activeElement instanceof HTMLInputElement;
    const hadFocus = view?.hasFocus && !isTyping;
    this._approvalId = undefined;
    this._view = null;
    if (view && !view.isDisposed) {
      this._cell?.inputArea?.showEditor();
      view.dispose();
    }
    if (hadFocus) {
      this._options.notebook.activate();
    }
    this._cell = null;
    for (const cell of this._marked.splice(0)) {
      cell.removeClass(CAUSE_CLASS);
      cell.removeClass(SYMPTOM_CLASS);
    }
  }

  private readonly _options: Proposals.IOptions;
  private _approvalId: string | undefined;
  private _cell: CodeCell | null = null;
  private _view: ProposalView | null = null;
  private _marked: CodeCell[] = [];
  private _isDisposed = false;
}

export namespace Proposals {
  export interface IOptions {
    notebook: Notebook;
    agent: NotebookSession;
    trans: TranslationBundle;
    decide(decision: Answer, comment?: string): Promise<void>;
  }
}
