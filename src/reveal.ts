/**
 * Go with the agent to the cell that it is about to write, where that is not under the user's hands.
 */
import type { Notebook } from '@jupyterlab/notebook';

import type { ICellRecord } from './record';

/** Bring the cell into view, unless the user is typing somewhere. `active` is the cell that was the active one before it was written. */
export function reveal(
  notebook: Notebook,
  cell: ICellRecord,
  active?: string
): void {
  const index = notebook.widgets.findIndex(
    ({ model }) => model.id === cell.cellId
  );
  if (index < 0 || notebook.mode !== 'command') {
    return;
  }
  if (isNext(notebook, cell, active)) {
    // The next request goes on from there.
    notebook.activeCellIndex = index;
  }
  const { node } = notebook.widgets[index];
  if (node.isConnected) {
    // Where all cells are rendered, the notebook does not know its height, and would scroll a cell in view out of it.
    node.scrollIntoView({ block: 'nearest' });
  } else {
    // Rejected when the notebook is closed meanwhile.
    notebook.scrollToItem(index).catch(() => undefined);
  }
}

/** It was put below the active cell, or in its place, and the user's keys go elsewhere. */
function isNext(
  notebook: Notebook,
  cell: ICellRecord,
  active?: string
): boolean {
  return (
    cell.inserted &&
    active === cell.afterCellId &&
    !notebook.node.contains(document.activeElement)
  );
}
