/**
 * Show the executions of a run in its cells, as JupyterLab shows those that the user starts.
 */
import type { ICodeCellModel } from '@jupyterlab/cells';
import { CodeCell } from '@jupyterlab/cells';
import type { IOutput } from '@jupyterlab/nbformat';
import type { Notebook } from '@jupyterlab/notebook';

import type { LateOutputs } from './late_outputs';
import type {
  IExecutionFinished,
  IExecutionStarted,
  IKernelOutput
} from './protocol';
import type { IExecutionRecord } from './record';
import { RemoteFuture } from './remote_future';

/** The outputs of one run's cells in one notebook. */
export class CellOutputs {
  constructor(notebook: Notebook, late: LateOutputs) {
    this._notebook = notebook;
    this._late = late;
  }

  /** Clear the cell and let its output area listen. */
  begin(started: IExecutionStarted): void {
    const cell = this._cell(started.cell_id);
    if (!cell) {
      return;
    }
    this._keep(cell);
    clear(cell);
    const future = new RemoteFuture(started.execution_id, started.source);
    cell.outputArea.future = future;
    this._late.expect(started.execution_id);
    this._futures.set(started.cell_id, future);
    const time = isoTime(started.time);
    this._record(cell.model, {
      'iopub.status.busy': time,
      'iopub.execute_input': time,
      'shell.execute_reply.started': time
    });
  }

  feed(
    event: Pick<IKernelOutput, 'cell_id' | 'execution_id' | 'message'>
  ): void {
    this._listening(event)?.feed(event.message);
  }

  /** The kernel has replied; nothing is written when a newer execution has the cell. */
  finish(finished: IExecutionFinished): void {
    const cell = this._cell(finished.cell_id);
    const future = this._listening(finished);
    if (!cell || !future) {
      return;
    }
    future.finish(finished);
    cell.model.executionCount = finished.execution_count;
    const before = this._before.get(finished.cell_id);
    if (before) {
      before.ran = finished.execution_count;
    }
    cell.model.executionState = 'idle';
    const time = isoTime(finished.time);
    this._record(cell.model, {
      'iopub.status.idle': time,
      'shell.execute_reply': time
    });
    this._futures.delete(finished.cell_id);
    this._late.follow(future);
  }

  /**
   * Show an execution of which this page saw nothing, unless the document has it or a later one.
   *
   * A number tells that only where the source stood there already: else it may be an earlier kernel's.
   */
  replay(execution: IExecutionRecord, isNewSource: boolean): void {
    const { started, messages, finished } = execution;
    const { cell_id, execution_id } = started;
    const shown = this._cell(cell_id)?.model.executionCount ?? 0;
    const count = finished?.execution_count;
    if (count && shown >= count && !isNewSource) {
      return;
    }
    this.begin(started);
    messages.forEach(message => this.feed({ cell_id, execution_id, message }));
    if (finished) {
      this.finish(finished);
    }
  }

  /** Show again what a cell showed before the run, unless it was run since. */
  restore(cellId: string): void {
    const cell = this._cell(cellId);
    const before = this._before.get(cellId);
    if (!cell || !before || cell.model.executionCount !== before.ran) {
      return;
    }
    if (!before.trusted) {
      // Else what came with the notebook would be shown as if it had been run here.
      cell.model.trusted = false;
      cell.model.sharedModel.deleteMetadata('trusted');
    }
    cell.model.outputs.fromJSON(before.outputs);
    cell.model.executionCount = before.executionCount;
    this._before.delete(cellId);
  }

  /** The run ended: replies that did not come will not come. */
  abandon(): void {
    for (const [cellId, future] of this._futures) {
      const cell = this._cell(cellId);
      if (cell && !future.isDisposed) {
        cell.model.executionState = 'idle';
      }
      future.dispose();
    }
    this._futures.clear();
  }

  private _keep({ model }: CodeCell): void {
    if (!this._before.has(model.id)) {
      const outputs = model.sharedModel.getOutputs();
      const { executionCount, trusted } = model;
      const before = { outputs, executionCount, trusted, ran: null };
      this._before.set(model.id, before);
    }
  }

  /** The execution's future, unless a newer execution has the cell. */
  private _listening(event: {
    cell_id: string;
    execution_id: string;
  }): RemoteFuture | null {
    const future = this._futures.get(event.cell_id);
    return future?.executionId === event.execution_id && !future.isDisposed
      ? future
      : null;
  }

  private _cell(cellId: string): CodeCell | null {
    const cell = this._notebook.widgets.find(
      widget => widget.model.id === cellId
    );
    return cell instanceof CodeCell ? cell : null;
  }

  private _record(model: ICodeCellModel, times: Record<string, string>): void {
    if (this._notebook.notebookConfig.recordTiming) {
      const before = model.getMetadata('execution') as object | undefined;
      model.setMetadata('execution', { ...before, ...times });
    }
  }

  private readonly _notebook: Notebook;
  private readonly _late: LateOutputs;
  /** Executions whose reply has not come, by cell. */
  private readonly _futures = new Map<string, RemoteFuture>();
  /** What cells showed before the run, and the number of its last execution there. */
  private readonly _before = new Map<string, IBefore>();
}

interface IBefore {
  outputs: IOutput[];
  executionCount: number | null;
  trusted: boolean;
  ran: number | null;
}

function clear(cell: CodeCell): void {
  const model = cell.model;
  model.sharedModel.transact(
    () => {
      model.clearExecution();
      cell.outputHidden = false;
    },
    false,
    'silent-change'
  );
  model.executionState = 'running';
  // As when the user runs a cell; the server leaves it out of the file when it saves.
  model.trusted = true;
}

function isoTime(seconds: number): string {
  return new Date(1000 * seconds).toISOString();
}
