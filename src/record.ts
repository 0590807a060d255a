/**
 * What a run says about each of its cells, gathered from its events.
 */
import type {
  IApprovalResolved,
  ICellOpened,
  IExecutionFinished,
  IExecutionStarted,
  IKernelMessage,
  RunEvent
} from './protocol';

/** An nbformat cell id has at most this many characters. */
const ID_LENGTH = 64;

/** The last execution of a cell. */
export interface IExecutionRecord {
  readonly started: IExecutionStarted;
  readonly messages: IKernelMessage[];
  finished: IExecutionFinished | null;
}

/** One cell, as the agent has it. */
export interface ICellRecord {
  readonly cellId: string;
  /** The cell it was put below; null: at the end. */
  readonly afterCellId: string | null;
  /** What the cell held when a fix for it was proposed; null: whatever stood there. */
  readonly base: string | null;
  /** The run put the cell into the document; else it revises one that stood there. */
  readonly inserted: boolean;
  /** All that the agent wrote there, each attempt after the other; the last may still grow. */
  readonly versions: string[];
  execution: IExecutionRecord | null;
}

/** All that one run does to a document. */
export class RunRecord {
  /** By cell id, in the order in which the run came to them. */
  readonly cells = new Map<string, ICellRecord>();

  /** The cell that the agent works on: what the user types there, it has to respect. */
  current: string | null = null;

  /** The cell that waits for the user's approval. */
  waiting: string | null = null;

  /** Whether it has begun, and more comes. */
  isRunning = false;

  /** Take in an event; returns the id of the cell whose source it changes, if it does. */
  add(event: RunEvent): string | null {
    switch (event.type) {
      case 'cell_opened':
        return this._open(event);
      case 'source_delta':
        return this._rewrite(event.cell_id, source => source + event.text);
      case 'source_finished':
        return this._rewrite(event.cell_id, () => event.source);
      case 'fix_proposed':
        this._proposed = event.cell_id;
        this._bases.set(event.cell_id, event.base);
        return null;
      case 'approval_requested':
        // What is only proposed does not stand in its cell.
        this.waiting = event.cell_id === this._proposed ? null : event.cell_id;
        return null;
      case 'approval_resolved':
        return this._resolve(event);
      case 'execution_started':
        return this._start(event);
      case 'kernel_output':
        this._execution(event)?.messages.push(event.message);
        return null;
      case 'execution_finished':
        return this._finish(event);
      case 'run_finished':
        this.current = this.waiting = null;
        this.isRunning = false;
        return null;
      case 'run_started':
        this.isRunning = true;
        return null;
      case 'status_changed':
      case 'context_built':
      case 'round_started':
      case 'text_delta':
      case 'reply_finished':
      case 'feedback_given':
      case 'variables_changed':
        return null;
    }
  }

  /** Outputs can be large: once they are in the document they are not held here too. */
  forgetOutputs(): void {
    this.cells.forEach(({ execution }) => execution?.messages.splice(0));
  }

  private _open(event: ICellOpened): string {
    const { cell_id, after_cell_id, revises } = event;
    this.current = cell_id;
    const known = this.cells.get(cell_id);
    // A fix comes as a whole: its cell is not emptied first.
    const source = this._bases.get(cell_id) ?? '';
    known?.versions.push(source);
    return known
      ? cell_id
      : this._put(cell_id, after_cell_id, !revises, source);
  }

  private _put(
    cellId: string,
    afterCellId: string | null,
    inserted: boolean,
    source: string
  ): string {
    this.cells.set(cellId, {
      cellId,
      afterCellId,
      base: this._bases.get(cellId) ?? null,
      inserted,
      versions: [source],
      execution: null
    });
    return cellId;
  }

  private _rewrite(
    cellId: string,
    change: (source: string) => string
  ): string | null {
    const versions = this.cells.get(cellId)?.versions;
    versions?.push(change(versions.pop() ?? ''));
    return versions ? cellId : null;
  }

  private _resolve(event: IApprovalResolved): null {
    this.waiting = this._proposed = null;
    if (event.decision === 'skip' || event.decision === 'ran') {
      this.current = null;
    }
    return null;
  }

  private _start(event: IExecutionStarted): null {
    const cell = this.cells.get(event.cell_id);
    if (cell) {
      cell.execution = { started: event, messages: [], finished: null };
    }
    return null;
  }

  private _finish(event: IExecutionFinished): string | null {
    const execution = this._execution(event);
    if (!execution) {
      return null;
    }
    execution.finished = event;
    if (event.status === 'ok') {
      this.current = null;
    }
    return this._setNextInput(event);
  }

  /** Only the first payload counts, as in JupyterLab. */
  private _setNextInput(event: IExecutionFinished): string | null {
    const next = event.payload.find(item => item.source === 'set_next_input');
    if (!next) {
      return null;
    }
    const text = String(next.text ?? '');
    if (next.replace) {
      this.cells.get(event.cell_id)?.versions.push(text);
      return event.cell_id;
    }
    const cellId = `next-${event.execution_id.replace(/\W/g, '-')}`;
    return this._put(cellId.slice(0, ID_LENGTH), event.cell_id, true, text);
  }

  private _execution(event: {
    cell_id: string;
    execution_id: string;
  }): IExecutionRecord | null {
    const execution = this.cells.get(event.cell_id)?.execution;
    return execution?.started.execution_id === event.execution_id
      ? execution
      : null;
  }

  /** The cell of the fix that is proposed. */
  private _proposed: string | null = null;
  /** By cell, what the newest fix for it changes. */
  private readonly _bases = new Map<string, string>();
}
