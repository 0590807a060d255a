import { Agent, uploadNotebook } from './notebook';
import { expect, test } from './test';

// JupyterLab itself is not needed.
test.use({ autoGoto: false });

test('Notebook 7 shows the same panel, and the whole job is done there', async ({
  page,
  tmpPath,
  baseURL
}) => {
  const path = `${tmpPath}/notebook7.ipynb`;
  await uploadNotebook(page, path);
  const notebook = await page.context().newPage();
  await notebook.goto(`${baseURL}/notebooks/${path}`);
  await notebook.waitForSelector('.jp-Notebook .jp-CodeCell');

  await notebook.getByRole('menuitem', { name: 'View' }).click();
  await notebook.getByText('Right Sidebar', { exact: true }).hover();
  await notebook.getByText('Show Notebook agent').click();
  const agent = new Agent(notebook);
  await expect(agent.prompt).toBeEnabled({ timeout: 30_000 });

  await agent.ask('Halve one');
  await expect(agent.button('Run')).toBeVisible();
  await expect(agent.output(1)).toHaveCount(0);
  await agent.button('Run').click();
  await expect(agent.output(1)).toContainText('ZeroDivisionError');
  await expect(agent.button('Run')).toBeEnabled();
  await agent.button('Run').click();
  await agent.finished('Half of one is 0.5.');
  await expect(agent.source(1)).toContainText('1 / 2');
  await expect(agent.output(1)).toHaveText('half 0.5');

  await agent.button('Undo').click();
  await expect(agent.cells).toHaveCount(1);
  await notebook.close();
});
