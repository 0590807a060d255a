import { openCells, STRINGS } from './cells';
import { expect, test } from './test';

test('the context menu is about the cell that it was opened on', async ({
  page,
  tmpPath
}) => {
  const cells = await openCells(page, `${tmpPath}/menu.ipynb`, [
    'mine = 1',
    STRINGS
  ]);
  await cells.makeActive(0);
  await cells.source(1).click({ button: 'right' });
  await page.getByRole('menuitem', { name: /^Fix This Cell(?!,)/ }).click();
  await expect(cells.proposal(1)).toContainText('sum(int(price)');
});

test('a click at what is said of the fix gives the keys to its buttons', async ({
  page,
  tmpPath
}) => {
  const cells = await openCells(page, `${tmpPath}/keys.ipynb`, [
    STRINGS,
    'mine = 1'
  ]);
  await cells.makeActive(0);
  await cells.run('jupyter-oci:fix-cell');
  await expect(cells.proposal(0)).toBeVisible();
  await cells.select(1);
  await cells.proposal(0).getByText('must become numbers first').click();
  await page.keyboard.press('Escape');
  await expect(cells.proposal(0)).toHaveCount(0);
  expect(await cells.text(0)).toBe(STRINGS);
});
