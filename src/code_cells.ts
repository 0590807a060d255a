/**
 * Find cells, name them as users see them, bring them into view, insert one.
 */
import type { Cell, CodeCell, ICellModel } from '@jupyterlab/cells';
import type { Notebook } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

/** Its author wants it to stay as it is: it may be run all the same. */
export function isLocked(model: ICellModel): boolean {
  return model.getMetadata('editable') === false;
}

export function findCodeCell(
  notebook: Notebook,
  cellId: string
): CodeCell | null {
  const cell = notebook.widgets.find(({ model }) => model.id === cellId);
  return cell?.model.type === 'code' ? (cell as CodeCell) : null;
}

export function codeCellId(cell: Cell | null): string | null {
  return cell?.model.type === 'code' ? cell.model.id : null;
}

/** A cell by the number beside it. */
export function cellName(
  executionCount: number | null,
  trans: TranslationBundle
): string {
  return trans.__('cell [%1]', executionCount ?? ' ');
}

/** Make a cell the active one and scroll to it, which gives it the focus in the end. */
export async function revealCell(
  notebook: Notebook,
  cellId: string
): Promise<void> {
  const index = notebook.widgets.findIndex(({ model }) => model.id === cellId);
  if (index >= 0) {
    notebook.deselectAll();
    notebook.activeCellIndex = index;
    await notebook.scrollToCell(notebook.widgets[index], 'smart');
  }
}

/** Insert code below the active cell, as one step that the user can undo. */
export function insertBelow(notebook: Notebook, source: string): void {
  notebook.model?.sharedModel.insertCell(notebook.activeCellIndex + 1, {
    cell_type: 'code',
    source,
    metadata: { trusted: true }
  });
}
