import { Agent, openAgent, openPanel } from './notebook';
import { expect, test } from './test';

test('a run goes on while its tab is closed, and is shown without gap or duplicate', async ({
  page,
  tmpPath
}) => {
  const path = `${tmpPath}/reopen.ipynb`;
  const agent = await openAgent(page, path);
  await agent.ask('Count slowly');
  await expect(agent.output(1)).toContainText('count 1');

  const context = page.context();
  const baseURL = new URL(page.url()).origin;
  const second = await context.newPage();
  await page.close();
  await second.goto(`${baseURL}/lab/tree/${path}?reset`);
  await second.waitForSelector('.jp-Notebook .jp-CodeCell');
  await openPanel(second);
  const reopened = new Agent(second);
  await reopened.finished('It counted to 7.');
  await expect(reopened.cells).toHaveCount(2);
  await expect(reopened.output(1)).toHaveText(
    [0, 1, 2, 3, 4, 5, 6, 7].map(number => `count ${number}`).join('\n')
  );
  await second.close();
});

test('two tabs run a cell once', async ({ page, tmpPath }) => {
  const path = `${tmpPath}/two-tabs.ipynb`;
  const agent = await openAgent(page, path, 'Ask');
  const baseURL = new URL(page.url()).origin;
  const other = await page.context().newPage();
  await other.goto(`${baseURL}/lab/tree/${path}?reset`);
  await other.waitForSelector('.jp-Notebook .jp-CodeCell');
  await openPanel(other);

  await agent.chooseMode('Auto');
  await agent.ask('Count the runs');
  await agent.finished('It ran.');
  await expect(agent.output(1)).toHaveText('run number 1');
  await expect(other.locator('.jp-oci-Panel')).toContainText('It ran.');
  await expect(
    other.getByRole('radio', { name: 'Auto', exact: true })
  ).toBeChecked();
  await other.close();
});

test('two views in one page apply a run once', async ({ page, tmpPath }) => {
  const agent = await openAgent(page, `${tmpPath}/two-views.ipynb`);
  await page.evaluate(() =>
    window.jupyterapp.commands.execute('docmanager:clone')
  );
  const views = page.locator('.jp-NotebookPanel:not(.lm-mod-hidden)');
  await expect(views).toHaveCount(2);
  await agent.ask('Count slowly');
  await agent.finished('It counted to 7.');
  const counted = [0, 1, 2, 3, 4, 5, 6, 7].map(number => `count ${number}`);
  for (const view of await views.all()) {
    const cells = view.locator('.jp-CodeCell');
    await expect(cells).toHaveCount(2);
    await expect(cells.nth(1).locator('.jp-OutputArea-output')).toHaveText(
      counted.join('\n')
    );
  }
  await expect(page.locator('.jp-oci-Panel')).not.toContainText(
    'You changed this cell'
  );
});
