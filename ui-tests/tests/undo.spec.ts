import { openCells, STRINGS } from './cells';
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

test('Ctrl+Z undoes in the proposal that is edited, and in the cell the change that was accepted', async ({
  page,
  tmpPath
}) => {
  const cells = await openCells(page, `${tmpPath}/proposal.ipynb`, [STRINGS]);
  await cells.inCell(0, 'Fix').click();
  const proposal = cells.proposal(0);
  await proposal.locator('.cm-content').click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('# slip');
  await expect(proposal).toContainText('# slip');
  await page.keyboard.press('Control+z');
  await expect(proposal).not.toContainText('# slip');
  expect(await cells.text(0)).toBe(STRINGS);
  await page.keyboard.press('Shift+Enter');
  await expect.poll(() => cells.text(0)).not.toBe(STRINGS);
  await expect(proposal).toBeHidden();
  await cells.source(0).click();
  await page.keyboard.press('Control+z');
  await expect.poll(() => cells.text(0)).toBe(STRINGS);
});
