import { openAgent } from './notebook';
import { expect, test } from './test';

test('in Ask mode nothing runs before Run, and an edit is what runs', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/edit.ipynb`, 'Ask');
  await agent.ask('Add the values up');
  await expect(agent.button('Run')).toBeVisible();
  await expect(agent.output(1)).toHaveCount(0);

  await agent.source(1).click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type("print('mine first')\n");
  const card = page.locator('.jp-oci-Panel .jp-oci-CodeBlock');
  await expect(card).toContainText("print('mine first')");
  await agent.button('Run').click();
  await agent.finished('The total is 6.');
  await expect(agent.output(1)).toContainText('mine first');
  await expect(card).toContainText("print('mine first')");
});

test('Skip leaves the cell as it is and runs nothing', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/skip.ipynb`, 'Ask');
  await agent.ask('Add the values up');
  await agent.button('Skip').click();
  await expect(agent.button('Stop')).toBeHidden();
  await expect(agent.source(1)).toContainText('sum(values)');
  await expect(agent.output(1)).toHaveCount(0);
});
