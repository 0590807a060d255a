import { openAgent } from './notebook';
import { expect, test } from './test';

test('a widget of the agent is alive', async ({ page, tmpPath }) => {
  const agent = await openAgent(page, `${tmpPath}/slider.ipynb`);
  await agent.ask('Show a slider');
  await agent.finished('Move the slider.');
  const slider = agent.cells.nth(1).locator('.widget-slider');
  await expect(slider).toContainText('Weeks', { timeout: 30_000 });
  await expect(slider.locator('.widget-readout')).toHaveText('7');
});

test('a plot of the agent is an image in its cell', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/plot.ipynb`);
  await agent.ask('Draw a line');
  await agent.finished('The line goes up.');
  await expect(agent.output(1).locator('img')).toBeVisible();
});

test('outputs that are cleared and updated show their last state only', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/update.ipynb`);
  await agent.ask('Update a display');
  await agent.finished('It was updated.');
  await expect(agent.output(1)).toHaveText(['step 2', "'after'"]);
});

test('what a thread prints after the cell has ended appears in the cell', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/late.ipynb`);
  await agent.ask('Answer late');
  await agent.finished('The thread goes on.');
  await expect(agent.output(1)).toHaveText('early');
  await page.notebook.setCell(0, 'code', 'may_speak.set()');
  await page.notebook.selectCells(0);
  await page.keyboard.press('Control+Enter');
  await expect(agent.output(1)).toHaveText('early\nlate');
});
