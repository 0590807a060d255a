/**
 * Find code cells, and name them as users see them.
 */
import type { CodeCell } from '@jupyterlab/cells';
import type { Notebook } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

export function findCodeCell(
  notebook: Notebook,
  cellId: string
): CodeCell | null {
  const cell = notebook.widgets.find(({ model }) => model.id === cellId);
  return cell?.model.type === 'code' ? (cell as CodeCell) : null;
}

/** A cell by the number beside it. */
export function cellName(
  executionCount: number | null,
  trans: TranslationBundle
): string {
  return trans.__('cell [%1]', executionCount ?? ' ');
}
