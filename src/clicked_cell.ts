/**
 * The cell that the context menu is open on. Since a right click in a cell's code leaves the active cell as it is, the two can differ;
 * and a command of the menu cannot be told by arguments of its item, which then shows no shortcut.
 */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Cell } from '@jupyterlab/cells';
import type { INotebookTracker } from '@jupyterlab/notebook';

/** What tells the cell under the open context menu, and null when there is none; until the command that is chosen there was called. */
export function watchContextMenu(
  app: JupyterFrontEnd,
  tracker: INotebookTracker
): () => Cell | null {
  let clicked: Cell | null = null;
  let forgetting = 0;
  document.addEventListener(
    'contextmenu',
    ({ shiftKey, target }) => {
      window.clearTimeout(forgetting);
      const cells = tracker.currentWidget?.content.widgets ?? [];
      const isHit = ({ node }: Cell) => node.contains(target as Node);
      // With Shift it is the browser's own menu.
      clicked = shiftKey ? null : (cells.find(isHit) ?? null);
    },
    true
  );
  app.contextMenu.menu.aboutToClose.connect(() => {
    // The menu closes first, and calls the command next.
    forgetting = window.setTimeout(() => (clicked = null));
  });
  return () => clicked;
}
