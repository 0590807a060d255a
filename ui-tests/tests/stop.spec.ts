import { openAgent } from './notebook';
import { expect, test } from './test';

test('Stop ends the writing at once', async ({ page, tmpPath }) => {
  const agent = await openAgent(page, `${tmpPath}/writing.ipynb`);
  await agent.ask('Write without end');
  await expect(agent.source(1)).toContainText('value_3');
  await agent.button('Stop').click();
  await expect(agent.button('Stop')).toBeHidden();
  await expect(agent.output(1)).toHaveCount(0);
  await expect(agent.source(1)).not.toContainText('value_599');
});

test('Stop interrupts the running cell and keeps the kernel', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/running.ipynb`);
  await agent.ask('Sleep for long');
  await expect(agent.output(1).first()).toHaveText('asleep');
  await agent.button('Stop').click();
  await expect(agent.button('Stop')).toBeHidden();
  await expect(agent.output(1).last()).toContainText('KeyboardInterrupt');
  await agent.ask('Add the values up');
  await agent.finished('The total is 6.');
});
