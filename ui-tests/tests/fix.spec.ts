import { AxeBuilder } from '@axe-core/playwright';
import type { NotebookPanel } from '@jupyterlab/notebook';

import { Cells, openCells, STRINGS } from './cells';
import { expect, galata, test } from './test';

const FIXED = 'sum(int(price) for price in prices)';

async function expectProposal(cells: Cells): Promise<void> {
  await expect(cells.proposal(0)).toContainText(FIXED);
  await expect(cells.proposal(0).locator('.cm-deletedChunk')).toHaveText(
    /total = sum\(prices\)/
  );
  expect(await cells.text(0)).toBe(STRINGS);
}

test.describe('a fix is proposed', () => {
  let cells: Cells;

  test.beforeEach(async ({ page, tmpPath }) => {
    cells = await openCells(page, `${tmpPath}/entry.ipynb`, [STRINGS]);
    await expect(cells.inCell(0, 'Fix')).toBeVisible();
    await cells.select(0);
  });

  test('from the bar below the error, which stays as JupyterLab draws it', async () => {
    await expect(cells.output(0)).toContainText('TypeError');
    await cells.inCell(0, 'Fix').click();
    await expectProposal(cells);
    await expect(cells.output(0)).toContainText('TypeError');
  });

  test('from the bar, with a sentence', async ({ page }) => {
    await cells.inCell(0, 'What should it do?').click();
    await page.keyboard.type('It should print 3');
    await page.keyboard.press('Enter');
    await expectProposal(cells);
    await expect(page.locator('.jp-oci-Panel')).toContainText(
      'Fix cell [1]: It should print 3'
    );
  });

  test('from the toolbar of the cell, which shows the shortcut', async ({
    page
  }) => {
    const button = cells
      .cell(0)
      .locator('.jp-cell-toolbar')
      .getByRole('button', { name: /Let the agent propose/ });
    await button.hover();
    await expect(
      page.locator('.jp-cell-toolbar [title*="Ctrl+Alt+F"]')
    ).toHaveCount(1);
    await button.click();
    await expectProposal(cells);
  });

  test('from the context menu, which shows the shortcut', async ({ page }) => {
    await cells.source(0).click({ button: 'right' });
    const item = page.getByRole('menuitem', { name: /^Fix This Cell Ctrl/ });
    await expect(item).toContainText('Ctrl+Alt+F');
    await item.click();
    await expectProposal(cells);
  });

  test('from the palette, which shows the shortcut', async ({ page }) => {
    await page.keyboard.press('Control+Shift+c');
    await page.locator('.lm-CommandPalette-input').fill('Fix This Cell');
    const item = page
      .locator('.lm-CommandPalette-item')
      .filter({ hasText: 'Ctrl+Alt+F' });
    await expect(item).toHaveCount(1);
    await item.click();
    await expectProposal(cells);
  });

  test('by its shortcut, while a cell is edited too', async ({ page }) => {
    await cells.source(0).click();
    await page.keyboard.press('Control+Alt+f');
    await expectProposal(cells);
  });
});

test.describe('a proposed fix', () => {
  let cells: Cells;

  test.beforeEach(async ({ page, tmpPath }) => {
    cells = await openCells(page, `${tmpPath}/decide.ipynb`, [STRINGS]);
    await cells.inCell(0, 'Fix').click();
    await expectProposal(cells);
    await expect(cells.inCell(0, 'Accept')).toBeFocused();
  });

  test('is accepted by Enter, written and run', async ({ page }) => {
    await page.keyboard.press('Enter');
    await expect(cells.output(0)).toHaveText('total 3');
    await expect(cells.proposal(0)).toHaveCount(0);
    await expect(cells.source(0)).toContainText(FIXED);
    await expect
      .poll(() => cells.text(0))
      .toBe(STRINGS.replace('sum(prices)', FIXED));
    await expect(cells.inCell(0, 'Fix')).toHaveCount(0);
    await expect(cells.cell(0)).toContainText(
      'nothing checks whether its result is right'
    );
    await cells.button('Undo').click();
    await expect.poll(() => cells.text(0)).toBe(STRINGS);
  });

  test('is rejected by Escape, and the cell is as it was', async ({ page }) => {
    await page.keyboard.press('Escape');
    await expect(cells.proposal(0)).toHaveCount(0);
    await expect(cells.source(0)).toContainText('total = sum(prices)');
    await expect(cells.inCell(0, 'Fix')).toBeVisible();
    await expect.poll(() => cells.text(0)).toBe(STRINGS);
  });

  test('is edited before it is accepted, and never saved before', async ({
    page
  }) => {
    await cells.proposal(0).locator('.cm-line').last().click();
    await page.keyboard.press('End');
    await page.keyboard.type("\nprint('mine')");
    await page.keyboard.press('Control+s');
    await expect.poll(() => cells.text(0)).toBe(STRINGS);
    await page.keyboard.press('Shift+Enter');
    await expect(cells.output(0)).toHaveText('total 3\nmine');
    expect(await cells.text(0)).toContain("print('mine')");
  });

  test('gives way to another one', async () => {
    await cells.inCell(0, 'Try another').click();
    await expect(cells.proposal(0)).toContainText('sum(map(int, prices))');
    await cells.inCell(0, 'Accept').click();
    await expect(cells.output(0)).toHaveText('total 3');
  });

  test('is decided on in the panel as well', async () => {
    await expect(cells.page.locator('.jp-oci-Card')).toContainText(
      'The prices are strings'
    );
    await cells.button('Accept').click();
    await expect(cells.output(0)).toHaveText('total 3');
  });
});

test('a cause in another cell is shown there, and the fix is offered there', async ({
  page,
  tmpPath
}) => {
  const cells = await openCells(page, `${tmpPath}/cause.ipynb`, [
    'def ratio(a, b):\n    return a / c',
    "print('ratio', ratio(4, 2))"
  ]);
  await cells.inCell(1, 'Fix').click();
  await expect(cells.proposal(0)).toContainText('return a / b');
  await expect(cells.proposal(0)).toContainText('not in cell [2]');
  await expect(cells.cell(1)).toContainText('The cause is in cell [1].');
  await expect(page.locator('.jp-oci-Approval')).toContainText(
    'The cause is in cell [1], not in cell [2].'
  );
  await cells.inCell(0, 'Accept').click();
  await expect(cells.output(1)).toHaveText('ratio 2.0');
  expect(await cells.text(0)).toContain('return a / b');
});

test('a cell that is edited while its fix is sought is left alone', async ({
  page,
  tmpPath
}) => {
  const source = "prices = ['1', '2']\nslowly = sum(prices)";
  const cells = await openCells(page, `${tmpPath}/sought.ipynb`, [source]);
  await cells.source(0).click();
  await page.keyboard.press('Control+End');
  await page.keyboard.press('Control+Alt+f');
  await expect(cells.inCell(0, 'Stop')).toBeVisible();
  await page.keyboard.type('  # mine');
  await expect(page.locator('.jp-oci-Panel')).toContainText(
    'You changed the cell meanwhile',
    { timeout: 30_000 }
  );
  await expect(cells.proposal(0)).toHaveCount(0);
  await expect.poll(() => cells.text(0)).toBe(`${source}  # mine`);
});

test('a cell that somebody else edits while its fix waits is left alone', async ({
  page,
  tmpPath
}) => {
  const cells = await openCells(page, `${tmpPath}/meanwhile.ipynb`, [STRINGS]);
  await cells.inCell(0, 'Fix').click();
  await expect(cells.proposal(0)).toBeVisible();
  // The cell's own editor is hidden now: somebody else edits, or an extension.
  await page.evaluate(() => {
    const panel = window.jupyterapp.shell.currentWidget as NotebookPanel;
    const [cell] = panel.content.model!.sharedModel.cells;
    cell.setSource(`${cell.getSource()}  # mine`);
  });
  await expect(page.locator('.jp-oci-Approval')).toContainText('left as it is');
  await expect(cells.proposal(0)).toHaveCount(0);
  await expect(cells.button('Accept')).toHaveCount(0);
  await cells.button('Reject').click();
  await expect(cells.button('Stop')).toBeHidden();
  await expect.poll(() => cells.text(0)).toBe(`${STRINGS}  # mine`);
});

test('what the user asserts must pass, and is shown as theirs', async ({
  page,
  tmpPath
}) => {
  const cells = await openCells(page, `${tmpPath}/assert.ipynb`, [
    'def mean(values):\n    return sum(values) / (len(values) - 1)',
    'assert mean([1, 3]) == 2'
  ]);
  await cells.select(0);
  await page.keyboard.press('Control+Alt+f');
  await expect(cells.proposal(0)).toContainText('from your notebook');
  await expect(cells.proposal(0)).toContainText('assert mean([1, 3]) == 2');
  await cells.inCell(0, 'Accept').click();
  await expect(cells.cell(0)).toContainText('what you expect of it holds');
});

test('one slip is found by trying, and the proposal says so', async ({
  page,
  tmpPath
}) => {
  const cells = await openCells(page, `${tmpPath}/slip.ipynb`, [
    'def longest(words):\n    # by length\n    return min(words, key=len)',
    "assert longest(['a', 'bbb', 'cc']) == 'bbb'\nassert longest(['aa', 'b']) == 'aa'"
  ]);
  await cells.inCell(1, 'Fix').click();
  await expect(cells.proposal(0)).toContainText('max(words, key=len)');
  await expect(cells.proposal(0)).toContainText(
    'Found by trying small changes'
  );
  await cells.inCell(0, 'Accept').click();
  await expect(cells.inCell(1, 'Fix')).toHaveCount(0);
  await expect
    .poll(() => cells.text(0))
    .toBe(
      'def longest(words):\n    # by length\n    return max(words, key=len)'
    );
});

test('a change is tried with what the kernel holds', async ({
  page,
  tmpPath
}) => {
  const cells = await openCells(page, `${tmpPath}/copy.ipynb`, [
    "import pandas as pd\nsales = pd.DataFrame({'shop': list('aaabbb'), 'price': [1, 2, 6, 3, 6, 3]})",
    "means = sales.groupby('shop').price.sum()",
    "assert means['a'] == 3\nassert means['b'] == 4"
  ]);
  await cells.inCell(2, 'Fix').click();
  await expect(cells.proposal(1)).toContainText('price.mean()');
  await cells.inCell(1, 'Accept').click();
  await expect(cells.cell(2)).toContainText('what you expect of it holds');
  await expect
    .poll(() => cells.text(1))
    .toBe("means = sales.groupby('shop').price.mean()");
});

test('a check of the agent’s own is marked as such', async ({
  page,
  tmpPath
}) => {
  const cells = await openCells(page, `${tmpPath}/own.ipynb`, [
    'def double(x):\n    return x + x + x'
  ]);
  await cells.select(0);
  await page.keyboard.press('Control+Alt+f');
  await expect(cells.proposal(0)).toContainText('a check the agent wrote');
  await cells.inCell(0, 'Accept').click();
  await expect(cells.cell(0)).toContainText("a check of the agent's own");
});

test('where no fix is found the cell says so', async ({ page, tmpPath }) => {
  const cells = await openCells(page, `${tmpPath}/none.ipynb`, [
    'nothing_helps = 1 / 0'
  ]);
  await cells.inCell(0, 'Fix').click();
  await expect(cells.cell(0)).toContainText('found no (other) change');
  await expect(cells.inCell(0, 'Fix')).toBeVisible();
  await cells.inCell(0, 'Dismiss').click();
  await expect(cells.cell(0)).not.toContainText('found no (other) change');
});

test('an error is explained in the panel, and the cell stays', async ({
  page,
  tmpPath
}) => {
  const cells = await openCells(page, `${tmpPath}/explain.ipynb`, [STRINGS]);
  await cells.inCell(0, 'Explain').click();
  await cells.finished('The prices are strings');
  await expect(page.locator('.jp-oci-Prompt')).toHaveText('Explain cell [1]');
  await expect.poll(() => cells.text(0)).toBe(STRINGS);
});

test('in hint mode there are hints and nothing else', async ({
  page,
  tmpPath
}) => {
  const cells = await openCells(page, `${tmpPath}/hint.ipynb`, [STRINGS], {
    metadata: { jupyter_oci: { hint_only: true } }
  });
  await expect(cells.inCell(0, 'Hint')).toBeVisible();
  await expect(cells.inCell(0, 'Fix')).toHaveCount(0);
  await expect(cells.inCell(0, 'Explain')).toHaveCount(0);
  await cells.source(0).click({ button: 'right' });
  await expect(
    page.getByRole('menuitem', { name: /^Give a Hint/ })
  ).toBeVisible();
  await expect(
    page.getByRole('menuitem', { name: /^(Fix|Explain) This Cell/ })
  ).toHaveCount(0);
  await page.keyboard.press('Escape');
  await cells.inCell(0, 'Hint').click();
  await cells.finished('how text becomes a number');
  await expect(page.locator('.jp-oci-Prompt')).toHaveText('Hint for cell [1]');
});

for (const theme of ['JupyterLab Light', 'JupyterLab Dark']) {
  test(`what stands in cells has no accessibility violations in ${theme}`, async ({
    page,
    tmpPath
  }) => {
    await page.theme.setTheme(theme);
    const cells = await openCells(page, `${tmpPath}/axe.ipynb`, [
      'def ratio(a, b):\n    return a / c',
      "print('ratio', ratio(4, 2))"
    ]);
    const violations = async (selector: string) => {
      const found = await new AxeBuilder({ page }).include(selector).analyze();
      return found.violations.map(({ id, nodes }) => [
        id,
        nodes.map(node => node.html)
      ]);
    };
    await expect(cells.inCell(1, 'Fix')).toBeEnabled();
    expect(await violations('.jp-oci-InCell')).toEqual([]);
    await cells.inCell(1, 'Fix').click();
    await expect(cells.proposal(0)).toContainText('return a / b');
    expect(await violations('.jp-oci-Proposal')).toEqual([]);
    expect(await violations('.jp-oci-CellBar')).toEqual([]);
  });
}

for (const windowingMode of ['full', 'contentVisibility']) {
  test.describe(`with windowing mode ${windowingMode}`, () => {
    test.use({
      mockSettings: {
        ...galata.DEFAULT_SETTINGS,
        '@jupyterlab/notebook-extension:tracker': {
          ...galata.DEFAULT_SETTINGS['@jupyterlab/notebook-extension:tracker'],
          windowingMode
        }
      }
    });

    test('a cause far above is scrolled to and takes the focus', async ({
      page,
      tmpPath
    }) => {
      const filler = Array.from(
        { length: 40 },
        (_, number) => `# cell ${number}\n\n\n\npass`
      );
      const cells = await openCells(page, `${tmpPath}/far.ipynb`, [
        'def ratio(a, b):\n    return a / c',
        ...filler,
        "print('ratio', ratio(4, 2))"
      ]);
      const last = filler.length + 1;
      await cells.makeActive(last);
      const fix = page
        .locator('.jp-oci-CellBar')
        .getByRole('button', { name: 'Fix', exact: true });
      await fix.click();
      await expect(page.locator('.jp-oci-Proposal')).toBeInViewport();
      await expect(
        page.getByRole('button', { name: /^Accept/ }).first()
      ).toBeFocused();
      await page.keyboard.press('Enter');
      await expect(page.locator('.jp-oci-Proposal')).toHaveCount(0);
      await expect
        .poll(async () => (await cells.held(last)).outputs)
        .toMatchObject([{ text: 'ratio 2.0\n' }]);
    });
  });
}
