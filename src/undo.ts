/**
 * Keep all that a run writes into a document in one undo step, whatever the user does meanwhile.
 */
import type { ISharedNotebook, YNotebook } from '@jupyter/ydoc';

type UndoManager = YNotebook['undoManager'];
type Step = UndoManager['undoStack'][number];

/** One step of a notebook's undo stack, to which changes can be added for as long as it is there. */
export class UndoStep {
  constructor(notebook: ISharedNotebook) {
    this._notebook = notebook as YNotebook;
  }

  /** Change the document; `change` must not wait. */
  extend(change: () => void): void {
    const manager = this._notebook.undoManager;
    const stack = manager.undoStack;
    const position = this._raise(manager);
    const height = stack.length;
    this._notebook.transact(change);
    if (position >= 0) {
      // The user's later steps stay above: their Ctrl+Z takes those back first.
      stack.splice(position, 0, ...stack.splice(height - 1, 1));
    } else if (stack.length > height) {
      this._step = stack[stack.length - 1];
    }
    manager.stopCapturing();
  }

  /** Put our step on top, so that what comes next is merged into it; -1 when it is not there (any more). */
  private _raise(manager: UndoManager): number {
    const stack = manager.undoStack;
    const position = this._step ? stack.indexOf(this._step) : -1;
    if (position < 0) {
      manager.stopCapturing();
    } else {
      stack.push(...stack.splice(position, 1));
      manager.lastChange = Date.now();
    }
    return position;
  }

  private readonly _notebook: YNotebook;
  private _step: Step | null = null;
}
