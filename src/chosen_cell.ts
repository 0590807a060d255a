/**
 * The cell that a request is about, where the user has chosen none.
 */
import type { Notebook } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';

const TOUCHES = ['mousedown', 'keydown'];
const MODIFIERS = ['Alt', 'AltGraph', 'Control', 'Meta', 'Shift'];

/** Knows whether the user has clicked or typed in a notebook, for as long as it is open. */
export class ChosenCell implements IDisposable {
  constructor(notebook: Notebook) {
    this._notebook = notebook;
    for (const type of TOUCHES) {
      notebook.node.addEventListener(type, this._onTouched, { capture: true });
    }
  }

  /** JupyterLab makes the first cell the active one; while nobody has chosen it, the last one, below which all is known. */
  get instead(): string | undefined {
    const { activeCellIndex, widgets } = this._notebook;
    const isUntouched = !this._isTouched && activeCellIndex === 0;
    return isUntouched ? widgets[widgets.length - 1]?.model.id : undefined;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    const { node } = this._notebook;
    for (const type of TOUCHES) {
      node.removeEventListener(type, this._onTouched, { capture: true });
    }
  }

  /** A key that opens the panel or the palette, saves or the like, chooses no cell; one that runs a cell does. */
  private readonly _onTouched = (event: Event): void => {
    const isCommand =
      event instanceof KeyboardEvent &&
      (MODIFIERS.includes(event.key) ||
        (event.key !== 'Enter' &&
          (event.altKey || event.ctrlKey || event.metaKey)));
    this._isTouched = this._isTouched || !isCommand;
  };

  private readonly _notebook: Notebook;
  private _isTouched = false;
  private _isDisposed = false;
}
