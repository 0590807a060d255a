/**
 * Keep all that a run writes into a document in one undo step, whatever the user does meanwhile, and undoable in the user's cells.
 */
import type {
  ISharedCodeCell,
  ISharedNotebook,
  YCodeCell,
  YNotebook
} from '@jupyter/ydoc';

type UndoManager = YNotebook['undoManager'];
type Step = UndoManager['undoStack'][number];

/** The newest step of ours in cells that have undo steps of their own. */
const steps = new WeakMap<UndoManager, Step | undefined>();

/**
 * Change cells of the user's so that Ctrl+Z in each of them takes the change back, with those that went right before.
 *
 * A cell with undo steps of its own knows those alone: what was changed from outside would be mixed with them.
 */
export function undoableIn(
  cells: readonly ISharedCodeCell[],
  notebook: ISharedNotebook,
  change: () => void
): void {
  const managers = cells
    .map(cell => (cell as YCodeCell).undoManager)
    .filter(
      (manager): manager is UndoManager =>
        !!manager && manager !== (notebook as YNotebook).undoManager
    );
  managers.forEach(manager => {
    const newest = newestOf(manager);
    if (newest && newest === steps.get(manager)) {
      manager.lastChange = Date.now();
    } else {
      manager.stopCapturing();
    }
    manager.addTrackedOrigin(notebook);
  });
  try {
    change();
  } finally {
    managers.forEach(manager => {
      manager.removeTrackedOrigin(notebook);
      manager.stopCapturing();
      steps.set(manager, newestOf(manager));
    });
  }
}

function newestOf({ undoStack }: UndoManager): Step | undefined {
  return undoStack[undoStack.length - 1];
}

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
