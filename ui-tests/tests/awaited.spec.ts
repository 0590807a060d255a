import { openAgent } from './notebook';
import { expect, test } from './test';

test('a cell of the user that new code needs runs first', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/awaited.ipynb`);
  await agent.ask('Show my number');
  await agent.finished('Your number is 1.');
  await expect(agent.cells).toHaveCount(2);
  await expect(agent.source(0)).toHaveText('mine = 1');
  await expect(agent.cells.nth(0).locator('.jp-InputPrompt')).toHaveText(
    '[2]:'
  );
  await expect(agent.output(1)).toHaveText('number 1');
});

test('in Ask mode it is proposed in its place, and the code is not asked about again', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/awaited.ipynb`, 'Ask');
  await agent.ask('Show my number');
  await agent.button('Run').click();
  const proposal = agent.cells.nth(0).locator('.jp-oci-Proposal');
  await expect(proposal).toContainText('which has not been run');
  await expect(proposal).toContainText('Run It');
  await agent.button('Run It').click();
  await agent.finished('Your number is 1.');
  await expect(proposal).toHaveCount(0);
  await expect(agent.source(0)).toHaveText('mine = 1');
  await expect(agent.output(1)).toHaveText('number 1');
});

test('a user who does not want it to run is told which cell it was', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/awaited.ipynb`, 'Ask');
  await agent.ask('Show my number');
  await agent.button('Run').click();
  await agent.button('Reject').click();
  await agent.finished('run that cell, then ask again');
  await expect(agent.source(0)).toHaveText('mine = 1');
  await expect(agent.cells.nth(0).locator('.jp-InputPrompt')).toHaveText(
    '[ ]:'
  );
});
