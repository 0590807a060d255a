/**
 * Running the cell that the agent asks about is the answer: what waits there never runs a second time.
 */
import type { Cell } from '@jupyterlab/cells';
import { type Notebook, NotebookActions } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { NotebookSession } from './notebook_session';

/** Of one notebook. */
export class WaitingCell implements IDisposable {
  constructor(options: WaitingCell.IOptions) {
    this._options = options;
    // Before the editor and JupyterLab, which would run the cell beside the agent.
    options.notebook.node.addEventListener('keydown', this, true);
    NotebookActions.executionScheduled.connect(this._onScheduled, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  handleEvent(event: KeyboardEvent): void {
    const { agent, notebook, run } = this._options;
    if (this._isForIt(event)) {
      event.preventDefault();
      event.stopPropagation();
      // As when JupyterLab runs a cell.
      notebook.mode = 'command';
      if (agent.asked) {
        run();
      }
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._options.notebook.node.removeEventListener('keydown', this, true);
      Signal.clearData(this);
    }
  }

  private _isForIt(event: KeyboardEvent): boolean {
    const { agent, notebook, runsCells } = this._options;
    const { activeCell, selectedCells } = notebook;
    // A key that is pressed twice does not run the code twice.
    const cellId = agent.asked?.cell_id ?? agent.approved;
    return (
      !event.isComposing &&
      !(event.target instanceof HTMLInputElement) &&
      cellId !== null &&
      cellId === activeCell?.model.id &&
      selectedCells.length < 2 &&
      runsCells(event)
    );
  }

  /** By a button, a menu or with other cells: it can't be held back, so the agent leaves the cell to the user. */
  private _onScheduled(
    _: unknown,
    { notebook, cell }: { notebook: Notebook; cell: Cell }
  ): void {
    const { agent } = this._options;
    if (
      notebook === this._options.notebook &&
      cell.model.id === agent.asked?.cell_id
    ) {
      // Refused where it was decided on meanwhile.
      agent.decide('ran').catch(() => undefined);
    }
  }

  private readonly _options: WaitingCell.IOptions;
  private _isDisposed = false;
}

export namespace WaitingCell {
  export interface IOptions {
    notebook: Notebook;
    agent: NotebookSession;
    /** Whether a key runs the active cell. */
    runsCells(event: KeyboardEvent): boolean;
    /** Approve what waits. */
    run(): void;
  }
}
