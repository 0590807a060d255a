/**
 * A notebook with a live kernel and the agent's panel: what every journey begins with.
 */
import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import type { Locator, Page } from '@playwright/test';
import { expect } from '@playwright/test';

const EMPTY_NOTEBOOK = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {
    kernelspec: {
      name: 'python3',
      display_name: 'Python 3 (ipykernel)',
      language: 'python'
    },
    language_info: { name: 'python' }
  },
  cells: [
    {
      id: 'users-own-cell',
      cell_type: 'code',
      metadata: {},
      source: 'mine = 1',
      outputs: [],
      execution_count: null
    }
  ]
};

export type Mode = 'Suggest' | 'Ask' | 'Auto';

/** The agent as a user meets it: its panel, and the notebook it writes into. */
export class Agent {
  constructor(readonly page: Page) {}

  get prompt(): Locator {
    return this.page.getByRole('textbox', { name: 'Ask the notebook agent' });
  }

  button(name: string): Locator {
    return this.page
      .locator('.jp-oci-Panel')
      .getByRole('button', { name, exact: true });
  }

  /** The cells of the notebook in view, in order. */
  get cells(): Locator {
    return this.page.locator(
      '.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-CodeCell'
    );
  }

  output(index: number): Locator {
    return this.cells.nth(index).locator('.jp-OutputArea-output');
  }

  source(index: number): Locator {
    return this.cells.nth(index).locator('.cm-content');
  }

  async chooseMode(mode: Mode): Promise<void> {
    const choice = this.page
      .getByRole('radiogroup', { name: 'Mode' })
      .getByRole('radio', { name: mode, exact: true });
    await choice.click();
    await expect(choice).toBeChecked();
  }

  /** Where the code of the next request goes. */
  target(name: string): Locator {
    return this.page
      .getByRole('radiogroup', { name: 'Where the code goes' })
      .getByRole('radio', { name, exact: true });
  }

  async ask(prompt: string): Promise<void> {
    await this.prompt.fill(prompt);
    await this.prompt.press('Enter');
  }

  /** Wait for the end of the newest run and its closing sentence. */
  async finished(sentence: string | RegExp): Promise<void> {
    await expect(this.page.locator('.jp-oci-Panel')).toContainText(sentence, {
      timeout: 60_000
    });
    await expect(this.button('Stop')).toBeHidden();
  }
}

/** Put a notebook on the server that has a kernelspec, so that no dialog asks for one. */
export async function uploadNotebook(
  page: IJupyterLabPageFixture,
  path: string
): Promise<void> {
  await page.contents.uploadContent(
    JSON.stringify(EMPTY_NOTEBOOK),
    'text',
    path
  );
}

export async function openPanel(page: Page): Promise<void> {
  const prompt = page.getByRole('textbox', { name: 'Ask the notebook agent' });
  await page.evaluate(async () => {
    await window.jupyterapp.commands.execute('jupyter-oci:open');
  });
  await expect(prompt).toBeVisible();
  await expect(prompt).toBeEnabled({ timeout: 30_000 });
}

/** Open a fresh notebook and the panel. */
export async function openAgent(
  page: IJupyterLabPageFixture,
  path: string,
  mode: Mode = 'Auto'
): Promise<Agent> {
  await uploadNotebook(page, path);
  await page.notebook.openByPath(path);
  await page.notebook.activate(path);
  await openPanel(page);
  const agent = new Agent(page);
  await agent.chooseMode(mode);
  return agent;
}
