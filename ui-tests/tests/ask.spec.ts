import { openAgent } from './notebook';
import { expect, test } from './test';

test('an answer is written into a cell, run, and summed up', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/ask.ipynb`);
  await agent.ask('Add the values up');
  await agent.finished('The total is 6.');
  await expect(agent.cells).toHaveCount(2);
  await expect(agent.source(1)).toContainText("print('total', sum(values))");
  await expect(agent.output(1)).toHaveText('total 6');
  await expect(agent.cells.nth(1).locator('.jp-InputPrompt')).toHaveText(
    '[1]:'
  );
});

test('code goes below the last cell until the user has clicked into the notebook, then below the chosen one', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/untouched.ipynb`);
  await agent.ask('Make two cells');
  await agent.finished('The second value is 21.');
  await agent.ask('Add the values up');
  await agent.finished('The total is 6.');
  await expect(agent.source(3)).toContainText("print('total', sum(values))");
  await agent.cells.nth(0).locator('.jp-InputPrompt').click();
  await agent.ask('Halve one');
  await agent.finished('Half of one is 0.5.');
  await expect(agent.source(1)).toContainText('1 / 2');
});

test('a request that is sent while a run goes on follows it, and is taken back where that is stopped', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/next.ipynb`);
  const panel = page.locator('.jp-oci-Panel');
  await agent.ask('Count slowly');
  await expect(agent.button('Send next')).toBeVisible();
  await agent.ask('Add the values up');
  await expect(panel).toContainText('Next: Add the values up');
  await expect(agent.prompt).toHaveValue('');
  await agent.finished('The total is 6.');
  await agent.ask('Sleep for long');
  await expect(agent.button('Send next')).toBeVisible();
  await agent.ask('Halve one');
  await expect(panel).toContainText('Next: Halve one');
  await agent.button('Stop').click();
  await expect(agent.prompt).toHaveValue('Halve one');
  await expect(panel).not.toContainText('Next:');
});

test('code takes the place of an empty cell, which Undo brings back', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/empty.ipynb`);
  await agent.source(0).click();
  await page.keyboard.press('Control+A');
  await page.keyboard.press('Delete');
  await agent.ask('Add the values up');
  await agent.finished('The total is 6.');
  await expect(agent.cells).toHaveCount(1);
  await expect(agent.source(0)).toContainText("print('total', sum(values))");
  await agent.button('Undo').click();
  await expect(agent.cells).toHaveCount(1);
  await expect(agent.source(0)).toHaveText('');
});

test('a failing cell is revised in place', async ({ page, tmpPath }) => {
  const agent = await openAgent(page, `${tmpPath}/revise.ipynb`);
  await agent.ask('Halve one');
  await agent.finished('Half of one is 0.5.');
  await expect(agent.cells).toHaveCount(2);
  await expect(agent.source(1)).toContainText('1 / 2');
  await expect(agent.output(1)).toHaveText('half 0.5');
  await expect(agent.page.locator('.jp-oci-Panel')).toContainText(
    'ZeroDivisionError'
  );
});

test('an example table in the request is checked, and its shape kept to', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/table.ipynb`);
  await agent.ask(
    'Write `def names(rows)` in pandas\n\nInput:\n\n| shop | sold |\n|---|---|\n| a | 1 |\n\n' +
      'Output:\n\n| name |\n|---|\n| a |'
  );
  await agent.finished('What the request says must hold was checked');
  await expect(agent.source(1)).toContainText(
    "return rows.rename(columns={'shop': 'name'})[['name']]"
  );
  await expect(agent.page.locator('.jp-oci-Panel')).toContainText(
    "is ['name', 'sold'], expected ['name']"
  );
});

test('a question gets an answer and no cell, and the answer stays in view', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/question.ipynb`);
  const answer = 'The mean is the sum divided by the count.';
  await agent.ask('What is a mean');
  await agent.finished(answer);
  await expect(agent.cells).toHaveCount(1);
  await agent.ask('Add the values up');
  await agent.finished('The total is 6.');
  await expect(agent.page.getByText(answer)).toBeVisible();
});

test('an answer causes no request to another host', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/table.ipynb`);
  const foreign: string[] = [];
  page.on('request', request => {
    if (!['127.0.0.1', 'localhost'].includes(new URL(request.url()).hostname)) {
      foreign.push(request.url());
    }
  });
  await agent.ask('Show a table');
  await agent.finished('<b>raw</b>');
  await expect(agent.output(1).first()).toHaveText('before');
  await expect(agent.output(1).locator('table')).toHaveText('cell');
  expect(
    foreign.filter(url => !url.startsWith('data:') && !url.startsWith('blob:'))
  ).toEqual([]);
});

test('in Suggest mode the cell is inserted and never run', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/suggest.ipynb`, 'Suggest');
  await agent.ask('Add the values up');
  await expect(agent.source(1)).toContainText('sum(values)');
  await expect(agent.button('Stop')).toBeHidden();
  await expect(agent.output(1)).toHaveCount(0);
});
