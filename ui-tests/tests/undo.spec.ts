import { openAgent } from './notebook';
import { expect, test } from './test';

test('Undo on the card takes back all cells of a run', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/undo.ipynb`);
  await agent.ask('Make two cells');
  await agent.finished('The second value is 21.');
  await expect(agent.cells).toHaveCount(3);
  await agent.button('Undo').click();
  await expect(agent.page.locator('.jp-oci-Outcome')).toContainText('Undone');
  await expect(agent.cells).toHaveCount(1);
  await expect(agent.source(0)).toHaveText('mine = 1');
});

test('one undo in the notebook takes back all cells of a run', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/ctrl-z.ipynb`);
  await agent.ask('Make two cells');
  await agent.finished('The second value is 21.');
  await expect(agent.cells).toHaveCount(3);
  await agent.cells.nth(0).locator('.jp-InputPrompt').click();
  await page.keyboard.press('z');
  await expect(agent.cells).toHaveCount(1);
});
