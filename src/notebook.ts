/**
 * Apply what a run says about its cells to an open notebook: each cell once, the user's edits untouched.
 */
import type { ISharedNotebook } from '@jupyter/ydoc';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { CellOutputs } from './cell_outputs';
import { CellWriter } from './cell_writer';
import type { LateOutputs } from './late_outputs';
import type {
  IApprovalResolved,
  IExecutionFinished,
  RunEvent
} from './protocol';
import { RunRecord } from './record';
import { reveal } from './reveal';
import type { IRunView } from './state';

/** How long the user's typing rests before it is told to the server, in milliseconds. */
const EDIT_DELAY = 150;
/** For how long JupyterLab keeps the height of outputs that are gone, and a bit, in milliseconds. */
const SHRINK_DELAY = 150;
/** Whoever waits longer than this may have gone on reading elsewhere. */
const SHORT_SECONDS = 3;

/** One run in one open notebook. */
export class Projection implements IDisposable {
  constructor(panel: NotebookPanel, late: LateOutputs) {
    const model = panel.content.model!;
    this._panel = panel;
    this._notebook = model.sharedModel;
    this._writer = new CellWriter(model.sharedModel, this._record);
    this._read = new Map(
      model.sharedModel.cells.map(cell => [cell.getId(), cell.getSource()])
    );
    this._outputs = new CellOutputs(panel.content, late);
    model.contentChanged.connect(this._onContentChanged, this);
  }

  /** Conflicts, or what can be undone, changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The user changed a cell while the agent works. */
  get edited(): ISignal<this, { cellId: string; source: string }> {
    return this._edited;
  }

  get conflicts(): IRunView['conflicts'] {
    return this._writer.open;
  }

  /** Whether anything in the document still stands as the run wrote it. */
  get undoable(): boolean {
    return !this._isDisposed && this._writer.undoable;
  }

  /** Whether the run has written, or would have, into the document. */
  get isEmpty(): boolean {
    return this._record.cells.size === 0;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /**
   * Learn of events that have passed, from the run's first on, and bring the document up to them.
   *
   * With `write` false the document holds the run already, or another page writes: it is only looked at.
   */
  catchUp(events: readonly RunEvent[], write = true): void {
    const touched = new Set(
      events.map(event => this._record.add(event) ?? cellOf(event))
    );
    for (const cell of this._record.cells.values()) {
      if (!touched.has(cell.cellId)) {
        continue;
      }
      this._writer.adopt(cell);
      if (write) {
        const held = this._writer.holds(cell);
        this._sync(cell.cellId);
        if (cell.execution) {
          const isNew = !held && this._writer.holds(cell);
          this._outputs.replay(cell.execution, isNew);
        }
      }
    }
    if (events.some(({ type }) => type === 'run_finished')) {
      this._end();
    }
    this._publish();
  }

  /** The next event. */
  apply(event: RunEvent): void {
    const { waiting } = this._record;
    const active = this._panel.content.activeCell?.model.id;
    const rewritten = this._record.add(event);
    if (event.type === 'source_delta') {
      this._syncSoon(event.cell_id);
    } else if (rewritten) {
      this._sync(rewritten);
    }
    switch (event.type) {
      case 'cell_opened':
        reveal(
          this._panel.content,
          this._record.cells.get(event.cell_id)!,
          active
        );
        break;
      case 'approval_resolved':
        this._resolve(waiting, event);
        break;
      case 'execution_started':
        this._outputs.begin(event);
        break;
      case 'kernel_output':
        this._outputs.feed(event);
        break;
      case 'execution_finished':
        this._outputs.finish(event);
        this._keepInView(event);
        break;
      case 'run_finished':
        this._syncPending();
        this._end();
        break;
      case 'run_started':
      case 'status_changed':
      case 'context_built':
      case 'round_started':
      case 'text_delta':
      case 'source_delta':
      case 'source_finished':
      case 'reply_finished':
      case 'fix_proposed':
      case 'approval_requested':
      case 'feedback_given':
      case 'variables_changed':
        return;
    }
    this._publish();
  }

  /** Put the agent's version into a cell that the user had changed. */
  acceptOffered(cellId: string): void {
    const cell = this._record.cells.get(cellId);
    if (cell) {
      this._writer.accept(cell);
      this._reported.delete(cellId);
      this._publish();
    }
  }

  /** The user's version stands; a later one of the agent is offered again. */
  keepOwn(cellId: string): void {
    const conflict = this.conflicts.find(each => each.cellId === cellId);
    if (conflict) {
      this._writer.declined.set(cellId, conflict.offered);
      this._publish();
    }
  }

  /** Take back what still stands as the run wrote it. */
  undo(): void {
    this._writer.undo().forEach(cellId => this._outputs.restore(cellId));
    this._publish();
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      clearTimeout(this._reviewTimer);
      clearTimeout(this._revealTimer);
      cancelAnimationFrame(this._frame);
      Signal.clearData(this);
    }
  }

  /** Nothing more comes: what was only held for that goes. */
  private _end(): void {
    this._outputs.abandon();
    this._record.forgetOutputs();
    this._read.clear();
  }

  private _publish(): void {
    this._published = this._standing();
    this._changed.emit();
  }

  /** What others are told of. */
  private _standing(): string {
    return JSON.stringify([this.undoable, this.conflicts]);
  }

  private _sync(cellId: string): void {
    this._pending.delete(cellId);
    const cell = this._record.cells.get(cellId);
    if (cell && !this._writer.sync(cell)) {
      this._review();
    } else {
      this._reported.delete(cellId);
    }
  }

  /** A few tokens at a time: an editor that repaints with every one is slow. */
  private _syncSoon(cellId: string): void {
    if (this._pending.size === 0) {
      this._frame = requestAnimationFrame(() => this._syncPending());
    }
    this._pending.add(cellId);
  }

  /** The long traceback that a fix did away with left the cell above the window. */
  private _keepInView({ cell_id, seconds }: IExecutionFinished): void {
    const cell = this._record.cells.get(cell_id);
    if (cell && !cell.inserted && seconds < SHORT_SECONDS) {
      clearTimeout(this._revealTimer);
      this._revealTimer = setTimeout(
        () => reveal(this._panel.content, cell),
        SHRINK_DELAY
      );
    }
  }

  private _syncPending(): void {
    this._pending.forEach(cellId => this._sync(cellId));
  }

  private _resolve(cellId: string | null, event: IApprovalResolved): void {
    // What is to be written anew is so as the user had it: the agent knows of their edits.
    if (cellId && ['run', 'another'].includes(event.decision)) {
      this._writer.approve(cellId, event.source);
    }
  }

  private _onContentChanged(): void {
    if (!this._writer.isWriting && (this._record.isRunning || !this.isEmpty)) {
      // Not put off by what follows: outputs that are updated all the time are changes of the content too.
      this._reviewTimer ??= setTimeout(() => {
        this._reviewTimer = undefined;
        this._review();
      }, EDIT_DELAY);
    }
  }

  /** What has the user changed? In a cell that waits for approval, that is what it waits for. */
  private _review(): void {
    const { current, waiting, isRunning } = this._record;
    if (current && current !== waiting) {
      this._writer.mark(current);
    }
    if (isRunning) {
      this._notebook.cells.forEach(cell => {
        if (cell.cell_type === 'code' && cell.getId() !== waiting) {
          this._tellEdit(cell.getId(), cell.getSource());
        }
      });
      [...this._record.cells.keys()]
        .filter(cellId => cellId !== waiting && !this._writer.find(cellId))
        .forEach(cellId => this._report(cellId, ''));
    }
    if (this._standing() !== this._published) {
      this._publish();
    }
  }

  /** The agent may come to any cell that it has read: it is told of each that is not as it knows it, or is so again. */
  private _tellEdit(cellId: string, source: string): void {
    const known =
      this._reported.get(cellId) ??
      this._writer.written(cellId) ??
      this._read.get(cellId);
    if (known !== undefined && known !== source) {
      this._report(cellId, source);
    }
  }

  /** A cell that the user deleted, or made another type of, is one in which nothing stands. */
  private _report(cellId: string, source: string): void {
    if (this._reported.get(cellId) !== source) {
      this._reported.set(cellId, source);
      this._edited.emit({ cellId, source });
    }
  }

  private readonly _panel: NotebookPanel;
  private readonly _notebook: ISharedNotebook;
  /** What stood in the cells when the run was opened here. */
  private readonly _read: Map<string, string>;
  private readonly _record = new RunRecord();
  private readonly _writer: CellWriter;
  private readonly _outputs: CellOutputs;
  /** Cells with text that is not in the document yet. */
  private readonly _pending = new Set<string>();
  /** What the server was told of the user's edits, by cell, until the agent writes there again. */
  private readonly _reported = new Map<string, string>();
  private _published = '';
  private _frame = 0;
  private _revealTimer: ReturnType<typeof setTimeout> | undefined;
  private _reviewTimer: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
  private _changed = new Signal<this, void>(this);
  private _edited = new Signal<this, { cellId: string; source: string }>(this);
}

function cellOf(event: RunEvent): string | null {
  return 'cell_id' in event ? event.cell_id : null;
}
