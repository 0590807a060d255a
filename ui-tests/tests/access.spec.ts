import { AxeBuilder } from '@axe-core/playwright';

import { openAgent } from './notebook';
import { expect, test } from './test';

test('the whole job can be done by keyboard alone', async ({
  page,
  tmpPath
}) => {
  const agent = await openAgent(page, `${tmpPath}/keyboard.ipynb`, 'Ask');
  await agent.prompt.focus();
  await page.keyboard.type('Add the values up');
  await page.keyboard.press('Enter');
  await expect(agent.button('Run')).toBeVisible();
  for (let step = 0; step < 40; step++) {
    const label = await page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent ?? '';
    });
    if (label.trim() === 'Run') {
      break;
    }
    await page.keyboard.press('Shift+Tab');
  }
  await page.keyboard.press('Enter');
  await agent.finished('The total is 6.');
  await agent.prompt.focus();
  await page.keyboard.press('ArrowUp');
  await expect(agent.prompt).toHaveValue('Add the values up');
});

const THEMES = [
  'JupyterLab Light',
  'JupyterLab Dark',
  'JupyterLab Dark High Contrast'
];

for (const theme of THEMES) {
  test(`the panel has no accessibility violations in ${theme}`, async ({
    page,
    tmpPath
  }) => {
    await page.theme.setTheme(theme);
    const agent = await openAgent(page, `${tmpPath}/axe.ipynb`);
    await agent.ask('Halve one');
    await agent.finished('Half of one is 0.5.');
    const { violations } = await new AxeBuilder({ page })
      .include('.jp-oci-Panel')
      .analyze();
    expect(
      violations.map(violation => [
        violation.id,
        violation.nodes.map(node => node.html)
      ])
    ).toEqual([]);
  });
}
