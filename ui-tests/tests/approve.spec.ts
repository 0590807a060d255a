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

test('a word of correction has the waiting cell written anew, and it runs after Run', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/word.ipynb`, 'Ask');
  await agent.ask('Add the values up');
  await expect(agent.button('Try another')).toBeVisible();
  await agent.source(1).click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('# mine\n');
  const word = page
    .locator('.jp-oci-Panel')
    .getByRole('textbox', { name: 'What to change' });
  await word.fill('and say whose it is');
  await word.press('Enter');
  await expect(agent.source(1)).toContainText('my total');
  const panel = page.locator('.jp-oci-Panel');
  await expect(panel).toContainText('You: and say whose it is');
  await expect(agent.output(1)).toHaveCount(0);
  await agent.button('Run').click();
  await agent.finished('The total is 6.');
  await expect(agent.output(1)).toContainText('my total 6');
  await expect(agent.cells).toHaveCount(2);
});

test('at the cell a word of correction is said too, and no key in it runs the cell', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/word-bar.ipynb`, 'Ask');
  await agent.ask('Add the values up');
  const bar = agent.cells.nth(1).locator('.jp-oci-CellBar');
  const word = bar.getByRole('textbox', { name: 'What to change' });
  await word.click();
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('add b and say whose it is');
  await page.keyboard.press('Enter');
  await expect(agent.source(1)).toContainText('my total');
  await expect(agent.cells).toHaveCount(2);
  await expect(bar.getByRole('button', { name: 'Run' })).toBeEnabled();
  // The focus is at the cell.
  await page.keyboard.press('Shift+Enter');
  await agent.finished('The total is 6.');
  await expect(agent.output(1)).toContainText('my total 6');
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

test('a waiting cell that is deleted is not run, in no mode, until it is back', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/deleted.ipynb`, 'Ask');
  await agent.ask('Add the values up');
  await expect(agent.button('Run')).toBeVisible();
  await agent.cells.nth(1).locator('.jp-InputPrompt').click();
  await page.keyboard.press('d');
  await page.keyboard.press('d');
  await expect(agent.cells).toHaveCount(1);
  const panel = page.locator('.jp-oci-Panel');
  await expect(panel).toContainText('no longer in the notebook');
  await expect(agent.button('Run')).toBeHidden();
  await agent.chooseMode('Auto');
  // The question is a new one in that mode.
  await expect(panel).toContainText('You changed this cell');
  await expect(panel).toContainText('no longer in the notebook');
  await expect(agent.button('Skip')).toBeVisible();
  await agent.cells.nth(0).locator('.jp-InputPrompt').click();
  await page.keyboard.press('z');
  await expect(agent.cells).toHaveCount(2);
  await agent.button('Run').click();
  await agent.finished('The total is 6.');
  await expect(agent.output(1)).toHaveText('total 6');
});

test('Shift+Enter in the cell that waits runs it, as the bar below it does, and once', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/keys.ipynb`, 'Ask');
  await agent.ask('Count the runs');
  const bar = agent.cells.nth(1).locator('.jp-oci-CellBar');
  await expect(bar).toContainText('nothing runs in your kernel');
  await expect(bar.getByRole('button', { name: 'Skip' })).toBeVisible();

  await agent.source(1).click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type("print('mine first')\n");
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.press('Shift+Enter');
  await expect(bar).toBeHidden();
  await agent.finished('It ran.');
  await expect(agent.output(1)).toContainText('mine first');
  await expect(agent.output(1)).toContainText('run number 1');
  await expect(agent.cells).toHaveCount(2);

  // Then it is the ordinary one.
  await agent.source(1).click();
  await page.keyboard.press('Control+Enter');
  await expect(agent.output(1)).toContainText('run number 2');
});

test('the bar below the cell that waits skips it', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/bar.ipynb`, 'Ask');
  await agent.ask('Add the values up');
  const bar = agent.cells.nth(1).locator('.jp-oci-CellBar');
  await bar.getByRole('button', { name: 'Skip' }).click();
  await agent.finished('You skipped the code');
  await expect(bar).toBeHidden();
  await expect(agent.output(1)).toHaveCount(0);
});

test('a cell that waits and is run with the toolbar is not run again', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/toolbar.ipynb`, 'Ask');
  await agent.ask('Count the runs');
  await expect(agent.button('Run')).toBeVisible();
  await agent.source(1).click();
  await page.evaluate(async () => {
    await window.jupyterapp.commands.execute('notebook:run-cell');
  });
  await agent.finished('You ran the cell yourself');
  await expect(agent.output(1)).toContainText('run number 1');
  await expect(agent.button('Run')).toBeHidden();
});

test('another mode holds for the run that goes on', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/mode.ipynb`, 'Ask');
  await agent.ask('Make two cells');
  await expect(agent.button('Run')).toBeVisible();
  await agent.chooseMode('Auto');
  await agent.finished('The second value is 21.');
  await expect(agent.output(2)).toContainText('second 21');
});

test('in Auto it still waits where the user edited the cell', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/edited.ipynb`, 'Ask');
  await agent.ask('Make two cells');
  await expect(agent.button('Run')).toBeVisible();
  await agent.source(1).click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type("print('mine')\n");
  await agent.chooseMode('Auto');
  const card = page.locator('.jp-oci-Panel .jp-oci-Approval');
  await expect(card).toContainText('You changed this cell');
  await expect(card).not.toContainText('In Ask mode');
  await agent.button('Run').click();
  await agent.finished('The second value is 21.');
  await expect(agent.output(1)).toContainText('mine');
});
