/**
 * A notebook of the user's own cells, and what the agent shows in them.
 */
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { ICodeCell } from '@jupyterlab/nbformat';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Locator } from '@playwright/test';
import { expect } from '@playwright/test';

import { Agent, type Mode } from './notebook';

const METADATA = {
  kernelspec: {
    name: 'python3',
    display_name: 'Python 3 (ipykernel)',
    language: 'python'
  },
  language_info: { name: 'python' }
};

export const STRINGS = `prices = ['1', '2']  # as read
total = sum(prices)
print('total', total)`;

/** The agent where its user is: in the cells. */
export class Cells extends Agent {
  constructor(readonly page: IJupyterLabPageFixture) {
    super(page);
  }

  cell(index: number): Locator {
    return this.cells.nth(index);
  }

  /** A button of the bar below a cell, or of a fix in it. */
  inCell(index: number, name: string): Locator {
    return this.cell(index)
      .locator('.jp-oci-InCell')
      .getByRole('button', { name, exact: true });
  }

  /** The fix that stands in a cell. */
  proposal(index: number): Locator {
    return this.cell(index).locator('.jp-oci-Proposal');
  }

  /** What the document holds of the cell, whatever is shown in it, and also where it is not drawn. */
  held(index: number): Promise<ICodeCell> {
    return this.page.evaluate(index => {
      const panel = window.jupyterapp.shell.currentWidget as NotebookPanel;
      const { cells } = panel.content.model!.sharedModel;
      return cells[index].toJSON() as ICodeCell;
    }, index);
  }

  async text(index: number): Promise<string> {
    return (await this.held(index)).source as string;
  }

  makeActive(index: number): Promise<void> {
    return this.page.evaluate(index => {
      const panel = window.jupyterapp.shell.currentWidget as NotebookPanel;
      panel.content.activeCellIndex = index;
    }, index);
  }

  async select(index: number): Promise<void> {
    await this.cell(index).locator('.jp-InputPrompt').click();
  }

  isEnabled(command: string): Promise<boolean> {
    return this.page.evaluate(
      id => window.jupyterapp.commands.isEnabled(id),
      command
    );
  }

  async run(command: string): Promise<void> {
    await this.page.evaluate(async id => {
      await window.jupyterapp.commands.execute(id);
    }, command);
  }
}

export interface IOpening {
  mode?: Mode;
  metadata?: object;
}

/** Open a notebook with these code cells, and run them. */
export async function openCells(
  page: IJupyterLabPageFixture,
  path: string,
  sources: string[],
  { mode = 'Ask', metadata = {} }: IOpening = {}
): Promise<Cells> {
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { ...METADATA, ...metadata },
    cells: sources.map((source, index) => ({
      id: `cell-${index}`,
      cell_type: 'code',
      metadata: {},
      source,
      outputs: [],
      execution_count: null
    }))
  };
  await page.contents.uploadContent(JSON.stringify(notebook), 'text', path);
  await page.notebook.openByPath(path);
  await page.notebook.activate(path);
  const cells = new Cells(page);
  await cells.run('jupyter-oci:open');
  await cells.chooseMode(mode);
  // Before the kernel is there, running would ask for one.
  await expect
    .poll(() => cells.isEnabled('jupyter-oci:hint-cell'), { timeout: 30_000 })
    .toBe(true);
  await cells.run('notebook:run-all-cells');
  await expect
    .poll(async () => (await cells.held(0)).execution_count, {
      timeout: 30_000
    })
    .toBe(1);
  return cells;
}
