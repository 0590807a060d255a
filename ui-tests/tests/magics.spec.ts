import { openAgent } from './notebook';
import { expect, test } from './test';

test('a run that a magic starts is followed by the page', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/magic-run.ipynb`);
  await page.notebook.setCell(
    0,
    'code',
    '%load_ext jupyter_oci\n%oci run Add the values up'
  );
  await page.notebook.selectCells(0);
  await page.evaluate(async () => {
    await window.jupyterapp.commands.execute('notebook:run-cell');
  });
  await agent.finished('The total is 6.');
  await expect(agent.cells).toHaveCount(2);
  await expect(agent.source(1)).toContainText("print('total', sum(values))");
  await expect(agent.output(1)).toHaveText('total 6');
  await expect(agent.output(0)).toContainText('The agent is at work');
});

test('a magic puts code into the next cell and does not run it', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/magic-ask.ipynb`);
  await page.notebook.setCell(
    0,
    'code',
    '%load_ext jupyter_oci\n%oci Add the values up'
  );
  await page.notebook.selectCells(0);
  await page.evaluate(async () => {
    await window.jupyterapp.commands.execute('notebook:run-cell');
  });
  await expect(agent.source(1)).toContainText("print('total', sum(values))");
  await expect(agent.output(0)).toHaveText('I add them up.');
  await expect(agent.output(1)).toHaveCount(0);
});
