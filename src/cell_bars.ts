/**
 * Keep a bar below each code cell that ended in an error, and below the cell that the agent works on or asks about.
 */
import type { ICodeCellModel } from '@jupyterlab/cells';
import type { Notebook } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { INotebookState } from './cell_bar_state';
import { cellBarState, hasError } from './cell_bar_state';
import { CellBarWidget, type ICellBarActions } from './cell_bar_widget';
import { cellName, findCodeCell } from './code_cells';
import type { NotebookSession } from './notebook_session';
import type { Answer } from './protocol';
import type { CellIntent, IRunView } from './state';

/** Of one notebook. The renderer of errors, and the footers of cells, are left as they are. */
export class CellBars implements IDisposable {
  constructor(options: CellBars.IOptions) {
    this._options = options;
    const { agent, notebook } = options;
    agent.changed.connect(this._update, this);
    notebook.model?.cells.changed.connect(this._onCellsChanged, this);
    this._onCellsChanged();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      Signal.clearData(this);
      this._bars.forEach(bar => bar.dispose());
      this._bars.clear();
    }
  }

  private _onCellsChanged(): void {
    for (const { model } of this._options.notebook.widgets) {
      if (model.type === 'code' && !this._watched.has(model)) {
        this._watch(model as ICodeCellModel);
      }
    }
    this._update();
  }

  private _watch(cell: ICodeCellModel): void {
    this._watched.add(cell);
    this._note(cell);
    cell.outputs.changed.connect(() => {
      this._note(cell);
      this._update();
    }, this);
  }

  /** Outputs come often; whether they end in an error changes rarely. */
  private _note(cell: ICodeCellModel): void {
    const { last } = this._notebookState();
    if (last?.targetCellId === cell.id) {
      // Its end is not news any more when the cell runs again.
      this._dismissed.add(last.runId);
    }
    if (hasError(cell)) {
      this._failing.add(cell.id);
    } else {
      this._failing.delete(cell.id);
    }
  }

  private _update(): void {
    const state = this._notebookState();
    const { active, asked, last } = state;
    const cellIds = new Set([...this._bars.keys(), ...this._failing]);
    for (const cellId of [
      active?.targetCellId,
      asked?.cell_id,
      last?.targetCellId
    ]) {
      if (cellId) {
        cellIds.add(cellId);
      }
    }
    cellIds.forEach(cellId => this._updateCell(cellId, state));
  }

  private _updateCell(cellId: string, notebook: INotebookState): void {
    const bar = this._bars.get(cellId);
    const cell = bar?.isInPlace
      ? bar.cell
      : findCodeCell(this._options.notebook, cellId);
    const state = cell && cellBarState(cell.model, notebook);
    if (bar && (bar.cell !== cell || !state)) {
      bar.dispose();
      this._bars.delete(cellId);
    }
    if (!cell || !state) {
      return;
    }
    // What fails while the agent works is revised at once: a bar would only flash up.
    const mayAppear = !notebook.active || state.type !== 'offer';
    if (this._bars.has(cellId)) {
      this._bars.get(cellId)!.state = state;
    } else if (mayAppear) {
      const actions = this._actionsFor(cellId);
      const { trans } = this._options;
      this._bars.set(cellId, new CellBarWidget(cell, state, actions, trans));
    }
  }

  private _notebookState(): INotebookState {
    const { agent, hintOnly, trans } = this._options;
    return {
      hintOnly: hintOnly(),
      unavailable: agent.unavailable,
      active: agent.active,
      asked: agent.asked,
      last: this._lastEnded(),
      nameOf: cellId => cellName(agent.executionCount(cellId), trans),
      trans
    };
  }

  private _lastEnded(): IRunView | null {
    const { agent } = this._options;
    const last = agent.runs[agent.runs.length - 1];
    return last &&
      last.status !== 'running' &&
      agent.hasAsked(last.runId) &&
      !this._dismissed.has(last.runId)
      ? last
      : null;
  }

  private _actionsFor(cellId: string): ICellBarActions {
    const { agent, notebook, start, decide, stop, open, keys, titleOf } =
      this._options;
    return {
      start: (intent, sentence) => {
        leaveBar(notebook);
        start(intent, cellId, sentence);
      },
      decide: (decision, comment) => {
        leaveBar(notebook);
        return decide(decision, comment);
      },
      stop: () => {
        leaveBar(notebook);
        stop();
      },
      open,
      keys,
      reveal: id => void agent.reveal(id),
      titleOf,
      dismiss: () => {
        leaveBar(notebook);
        agent.runs.forEach(({ runId }) => this._dismissed.add(runId));
        this._update();
      }
    };
  }

  private readonly _options: CellBars.IOptions;
  private readonly _watched = new WeakSet<object>();
  private readonly _failing = new Set<string>();
  private readonly _bars = new Map<string, CellBarWidget>();
  /** Runs whose end is not to be shown any more. */
  private readonly _dismissed = new Set<string>();
  private _isDisposed = false;
}

/** The button goes; the focus stays at the cell, which JupyterLab takes to have it as long as what is in it does. */
function leaveBar(notebook: Notebook): void {
  notebook.activate();
  if (notebook.mode === 'command') {
    notebook.activeCell?.node.focus({ preventScroll: true });
  }
}

export namespace CellBars {
  export interface IOptions {
    notebook: Notebook;
    agent: NotebookSession;
    trans: TranslationBundle;
    hintOnly(): boolean;
    start(intent: CellIntent, cellId: string, sentence?: string): void;
    decide(decision: Answer, comment?: string): Promise<void>;
    stop(): void;
    /** Show the panel. */
    open(): void;
    /** The keys that run a cell, as they are shown; empty if there are none. */
    keys(): string;
    /** What a button's tooltip says, with the shortcut. */
    titleOf(intent: CellIntent): string;
  }
}
