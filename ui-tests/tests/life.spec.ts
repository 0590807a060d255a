import { readFile } from 'fs/promises';

import { Agent, openAgent, openPanel } from './notebook';
import { expect, galata, test } from './test';

const TRACKER = '@jupyterlab/notebook-extension:tracker';
const NUMBER_OF_CELLS = 200;

test('a cell that the user edits meanwhile stays as the user has it', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/conflict.ipynb`);
  await agent.ask('Fail when told');
  await expect(agent.output(1).first()).toContainText('begin');
  await agent.source(1).click();
  await page.keyboard.press('Control+Home');
  const whole = page.waitForResponse(
    response =>
      response.url().includes('/edited') &&
      response.request().postDataJSON().source.startsWith('# mine\n')
  );
  await page.keyboard.type('# mine\n');
  await whole;
  await page.contents.uploadContent('', 'text', `${tmpPath}/go`);

  const offer = agent.button("Use the agent's version");
  await expect(agent.button('Run')).toBeVisible({ timeout: 15_000 });
  await expect(agent.source(1)).toContainText('# mine');
  await expect(agent.source(1)).not.toContainText('revised');
  await offer.click();
  await expect(agent.source(1)).toHaveText("print('revised')");
  await agent.button('Run').click();
  await agent.finished('It works now.');
  await expect(agent.output(1)).toHaveText('revised');
});

test('a cell that the user deletes is not put back', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/deleted.ipynb`);
  await agent.ask('Count slowly');
  await expect(agent.output(1)).toContainText('count 1');
  await agent.cells.nth(1).locator('.jp-InputPrompt').click();
  await page.keyboard.press('d');
  await page.keyboard.press('d');
  await expect(agent.cells).toHaveCount(1);
  await agent.finished('It counted to 7.');
  await expect(agent.cells).toHaveCount(1);
});

test('a kernel that the user restarts ends the run with a sentence', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/restart.ipynb`);
  await agent.ask('Sleep for long');
  await expect(agent.output(1).first()).toHaveText('asleep');
  await page.menu.clickMenuItem('Kernel>Restart Kernel…');
  await page
    .locator('.jp-Dialog')
    .getByRole('button', { name: 'Confirm Kernel Restart' })
    .click();
  await expect(agent.button('Stop')).toBeHidden({ timeout: 20_000 });
  await expect(page.locator('.jp-oci-Outcome-message')).toContainText(
    /restarted/i
  );
});

test.describe('a long notebook that draws only what is in view', () => {
  test.use({
    mockSettings: {
      ...galata.DEFAULT_SETTINGS,
      [TRACKER]: {
        ...(galata.DEFAULT_SETTINGS[TRACKER] as object),
        windowingMode: 'full'
      }
    }
  });

  test('outputs that came out of view are there when scrolled to', async ({
    page,
    tmpPath
  }) => {
    const path = `${tmpPath}/long.ipynb`;
    const cells = Array.from({ length: NUMBER_OF_CELLS }, (_, index) => ({
      id: `cell-${index}`,
      cell_type: 'code',
      metadata: {},
      source: `number = ${index}`,
      outputs: [],
      execution_count: null
    }));
    const kernelspec = { name: 'python3', display_name: 'Python 3' };
    await page.contents.uploadContent(
      JSON.stringify({
        nbformat: 4,
        nbformat_minor: 5,
        metadata: { kernelspec },
        cells
      }),
      'text',
      path
    );
    await page.notebook.openByPath(path);
    await page.notebook.activate(path);
    await openPanel(page);
    const agent = new Agent(page);
    await agent.chooseMode('Auto');
    await agent.cells.nth(0).locator('.jp-InputPrompt').click();
    await agent.ask('Count slowly');
    await expect(agent.output(1)).toContainText('count 1');

    const scroller = page.locator('.jp-WindowedPanel-outer').first();
    await scroller.hover();
    await page.mouse.wheel(0, 100_000);
    await expect(
      agent.cells.filter({ hasText: 'count 1' })
    ).not.toBeInViewport();
    await agent.finished('It counted to 7.');
    await page.mouse.wheel(0, -100_000);
    await expect(agent.output(1)).toContainText('count 7');
  });
});

test('a notebook without a kernel says so', async ({ page }) => {
  await page.menu.clickMenuItem('File>New>Notebook');
  const dialog = page.locator('.jp-Dialog');
  await dialog.locator('select').selectOption({ label: 'No Kernel' });
  await dialog.locator('.jp-mod-accept').click();
  await page.evaluate(async () => {
    await window.jupyterapp.commands.execute('jupyter-oci:open');
  });
  await expect(page.locator('.jp-oci-Panel')).toContainText(
    'This notebook has no kernel. Select one to use the agent.'
  );
});

test('who looks elsewhere is told that the agent is done, and comes back', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/notice.ipynb`);
  await agent.ask('Count slowly');
  await expect(agent.output(1)).toContainText('count 1');
  await page.evaluate(async () => {
    await window.jupyterapp.commands.execute('application:toggle-right-area');
    await window.jupyterapp.commands.execute('launcher:create');
  });
  const toast = page.locator('.Toastify__toast', {
    hasText: 'The agent is done in notice.ipynb. Count slowly'
  });
  await toast.getByRole('button', { name: 'Show' }).click();
  await expect(agent.output(1)).toBeVisible();
  await expect(toast).toBeHidden();
});

test('the history is saved as Markdown, and can be cleared', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/history.ipynb`);
  await agent.ask('Add the values up');
  await agent.finished('The total is 6.');
  const choose = async (item: string) => {
    await agent.button('More').click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  const saving = page.waitForEvent('download');
  await choose('Save history as Markdown');
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe('history-agent.md');
  const text = await readFile(await saved.path(), 'utf8');
  expect(text).toContain('## Add the values up\n');
  expect(text).toContain("print('total', sum(values))\n```\n");
  expect(text).toContain('The total is **6**.');
  await choose('Clear history…');
  await page.getByRole('button', { name: 'Clear' }).click();
  await expect(page.locator('.jp-oci-Card')).toHaveCount(0);
  await expect(agent.cells).toHaveCount(2);
});
