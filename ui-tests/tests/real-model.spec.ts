import { openAgent } from './notebook';
import { expect, test } from './test';

const REAL = 'qwen2.5-coder-0.5b-instruct';
const SCRIPTED = 'qwen2.5-coder-1.5b-instruct';

// The server hosts one model: the other journeys want the scripted one.
test.afterEach(async ({ page }) => {
  await page.getByRole('combobox', { name: 'Model' }).selectOption(SCRIPTED);
  await expect(page.getByRole('combobox', { name: 'Model' })).toHaveValue(
    SCRIPTED
  );
});

test('the real 0.5B model writes a function and runs it', async ({
  page,
  tmpPath
}) => {
  test.setTimeout(10 * 60_000);
  const agent = await openAgent(page, `${tmpPath}/real.ipynb`);
  await page.getByRole('combobox', { name: 'Model' }).selectOption(REAL);
  await agent.ask(
    'Write a function double(x) that returns 2 * x and print double(21).'
  );
  await expect(agent.output(1)).toContainText('42', { timeout: 8 * 60_000 });
  await expect(agent.button('Stop')).toBeHidden({ timeout: 2 * 60_000 });
});
