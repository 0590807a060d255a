import { AxeBuilder } from '@axe-core/playwright';

import { openCells } from './cells';
import { expect, test } from './test';

const MEAN = "values = [1, 2, 9]\nprint('mean', sum(values) / 3)";
const MEDIAN = "values = [1, 2, 9]\nprint('median', sorted(values)[1])";

test('a request changes the active cell, as a difference in it, and undo brings it back', async ({
  page,
  tmpPath
}) => {
  const cells = await openCells(page, `${tmpPath}/edit.ipynb`, [MEAN]);
  await cells.select(0);
  await expect(cells.target('New cell')).toBeChecked();
  await cells.target('Change cell [1]').click();
  await cells.ask('Use the median instead');
  await expect(cells.proposal(0)).toContainText("print('median'");
  await expect(cells.proposal(0).locator('.cm-deletedChunk')).toHaveText(
    /print\('mean'/
  );
  expect(await cells.text(0)).toBe(MEAN);
  await expect(cells.target('New cell')).toBeChecked();
  await expect(page.locator('.jp-oci-Prompt')).toHaveText(
    'Change cell [1]: Use the median instead'
  );
  await cells.inCell(0, 'Accept').click();
  await expect(cells.output(0)).toHaveText('median 2');
  expect(await cells.text(0)).toBe(MEDIAN);
  await cells.button('Undo').click();
  await expect.poll(() => cells.text(0)).toBe(MEAN);
  await expect(cells.output(0)).toHaveText('mean 4.0');
});

test('in auto mode the change is written and run', async ({
  page,
  tmpPath
}) => {
  const cells = await openCells(page, `${tmpPath}/auto.ipynb`, [MEAN], {
    mode: 'Auto'
  });
  await cells.select(0);
  await cells.target('Change cell [1]').click();
  await cells.ask('Use the median instead');
  await expect(cells.output(0)).toHaveText('median 2');
  expect(await cells.text(0)).toBe(MEDIAN);
  await expect(cells.cells).toHaveCount(1);
});

test('the context menu of a cell leads to the prompt, set to change that cell', async ({
  page,
  tmpPath
}) => {
  const cells = await openCells(page, `${tmpPath}/menu.ipynb`, [
    MEAN,
    "print('second')"
  ]);
  await cells.select(1);
  await cells.source(0).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Change This Cell…' }).click();
  await expect(cells.target('Change cell [1]')).toBeChecked();
  await expect(cells.prompt).toBeFocused();
  await page.keyboard.type('Use the median instead');
  await page.keyboard.press('Enter');
  await expect(cells.proposal(0)).toContainText("print('median'");
  const { violations } = await new AxeBuilder({ page })
    .include('.jp-oci-PromptBox')
    .analyze();
  expect(violations).toEqual([]);
});
