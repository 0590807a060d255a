import { NotebookActions } from '@jupyterlab/notebook';

import type { RunEvent } from '../protocol';
import { OpenedNotebook } from './opened';
import {
  approved,
  asked,
  begun,
  ended,
  finished,
  revised,
  started,
  type Unstamped
} from './told';

let notebook: OpenedNotebook;

beforeEach(async () => {
  notebook = await OpenedNotebook.open({ mine: 'x = 1', new: '' });
  const { commands } = notebook;
  for (const [command, ...keys] of [
    ['notebook:run-cell-and-select-next', 'Shift Enter'],
    ['notebook:run-cell', 'Ctrl Enter'],
    ['notebook:run-cell-and-insert-below', 'Alt Enter'],
    ['notebook:move-cursor-up', 'Ctrl K']
  ]) {
    commands.addCommand(command, { execute: () => undefined });
    commands.addKeyBinding({ command, keys, selector: '.jp-Notebook' });
  }
});

afterEach(() => notebook.close());

function say(...events: Unstamped<RunEvent>[]): Promise<void> {
  notebook.server.say(...events);
  return notebook.settle();
}

/** A run that asks whether it may run a cell. */
async function ask(reasons: string[] = []): Promise<void> {
  await notebook.session.ask('Make x');
  await notebook.settle();
  const request = asked('new', 'x = 2') as Unstamped<RunEvent> & object;
  await say(
    begun(),
    { type: 'round_started', round: 1, attempt: 1, revises: 'new' },
    ...revised('new', 'x = 2'),
    { ...request, reasons } as never
  );
  notebook.panel.content.activeCellIndex = 1;
}

/** Press a key in a cell; whether anyone else gets to see it. */
function press(id: string, key: string, init: KeyboardEventInit): boolean {
  let seen = false;
  const see = () => (seen = true);
  document.body.addEventListener('keydown', see);
  const target = notebook.cell(id).editor!.host;
  const keyCode = key === 'Enter' ? 13 : key.toUpperCase().charCodeAt(0);
  const options = { key, keyCode, bubbles: true, cancelable: true, ...init };
  target.dispatchEvent(new KeyboardEvent('keydown', options));
  document.body.removeEventListener('keydown', see);
  return seen;
}

function decisions(): Record<string, unknown>[] {
  return notebook.server.bodies('runs/run-1/approve');
}

/** As the toolbar and the menus do. */
function runByButton(index = 1): void {
  const { content, sessionContext } = notebook.panel;
  content.activeCellIndex = index;
  void NotebookActions.run(content, sessionContext);
}

describe('the bar below the cell that is asked about', () => {
  it('says why, and has the decision', async () => {
    await ask(['It installs pandas.']);
    expect(notebook.cell('new').node.textContent).toContain(
      'Run this cell? You can edit it first. It installs pandas.'
    );
    expect(notebook.buttons('new')).toEqual([
      'RunShift+Enter',
      'Skip',
      'Try another'
    ]);
    expect(notebook.buttons('mine')).toEqual([]);
    const group = notebook
      .cell('new')
      .node.querySelector('.jp-oci-CellBar [role=group]');
    expect(group?.getAttribute('aria-label')).toBe('The agent waits for you');
  });

  it.each([
    ['Run', 'run'],
    ['Skip', 'skip'],
    ['Try another', 'another']
  ])(
    '%s decides once, and leaves the focus at the cell',
    async (words, decision) => {
      await ask();
      notebook.type('new', 'x = 3');
      notebook.button('new', words).focus();
      await notebook.click('new', words);
      expect(decisions()).toMatchObject([{ decision, source: 'x = 3' }]);
      expect(notebook.button('new', words).disabled).toBe(true);
      expect(notebook.panel.content.node.contains(document.activeElement)).toBe(
        true
      );
    }
  );

  it('is there for a locked cell that is to be run, in which no fix is shown', async () => {
    await notebook.session.stop();
    notebook.model('mine').setMetadata('editable', false);
    await notebook.fix('mine');
    await notebook.propose('mine', 'x = 1');
    expect(notebook.buttons('mine')).toHaveLength(3);
    await notebook.click('mine', 'Run');
    const { run_id } = notebook.server.card!;
    expect(notebook.server.bodies(`runs/${run_id}/approve`)).toMatchObject([
      { decision: 'run', source: 'x = 1' }
    ]);
  });

  it('takes a word along, and runs nothing where one is typed', async () => {
    await ask();
    const field = notebook
      .cell('new')
      .node.querySelector<HTMLInputElement>('.jp-oci-CellBar input')!;
    const enter = { key: 'Enter', keyCode: 13, bubbles: true, shiftKey: true };
    let seen = false;
    const see = () => (seen = true);
    document.body.addEventListener('keydown', see);
    field.dispatchEvent(new KeyboardEvent('keydown', enter));
    await notebook.settle();
    expect(decisions()).toEqual([]);
    field.value = 'x is three';
    field.dispatchEvent(new KeyboardEvent('keydown', enter));
    await notebook.settle();
    document.body.removeEventListener('keydown', see);
    expect(seen).toBe(false);
    expect(decisions()).toMatchObject([
      { decision: 'another', comment: 'x is three', source: 'x = 2' }
    ]);
  });

  it('can be used again where the decision did not arrive', async () => {
    await ask();
    notebook.server.refusals.set('POST runs/run-1/approve', {
      status: 503,
      message: 'No answer.'
    });
    await notebook.click('new', 'Run');
    expect(notebook.button('new', 'Run').disabled).toBe(false);
    expect(notebook.opened).toBe(1);
  });

  it('goes with the approval', async () => {
    await ask();
    await say(finished());
    expect(notebook.buttons('new')).toEqual([]);
  });
});

describe('the keys that run a cell', () => {
  it.each([
    ['Shift', { shiftKey: true }],
    ['Ctrl', { ctrlKey: true }],
    ['Alt', { altKey: true }]
  ])('approve the code as it stands: %s', async (_, init) => {
    await ask();
    notebook.type('new', 'x = 3');
    expect(press('new', 'Enter', init)).toBe(false);
    await notebook.settle();
    expect(decisions()).toMatchObject([
      { decision: 'run', source: 'x = 3', approval_id: 'approval' }
    ]);
  });

  it('approve once, however often they are pressed', async () => {
    await ask();
    press('new', 'Enter', { shiftKey: true });
    await notebook.settle();
    expect(press('new', 'Enter', { shiftKey: true })).toBe(false);
    await notebook.settle();
    expect(decisions()).toHaveLength(1);
  });

  it('run nothing beside what was approved, until it has run', async () => {
    await ask();
    press('new', 'Enter', { shiftKey: true });
    await notebook.settle();
    await say(approved('x = 2'));
    expect(press('new', 'Enter', { shiftKey: true })).toBe(false);
    await say(started('new', 'one'));
    expect(press('new', 'Enter', { shiftKey: true })).toBe(false);
    await say(ended('new', 'one', 1));
    expect(press('new', 'Enter', { shiftKey: true })).toBe(true);
  });

  it('show the panel where the approval did not arrive', async () => {
    await ask();
    notebook.server.refusals.set('POST runs/run-1/approve', {
      status: 503,
      message: 'No answer.'
    });
    press('new', 'Enter', { shiftKey: true });
    await notebook.settle();
    expect(notebook.opened).toBe(1);
    expect(notebook.session.state.error).toBe('No answer.');
  });

  it('keep their meaning elsewhere, and other keys theirs', async () => {
    await ask();
    expect(press('new', 'Enter', {})).toBe(true);
    expect(press('new', 'k', { ctrlKey: true })).toBe(true);
    notebook.panel.content.activeCellIndex = 0;
    expect(press('mine', 'Enter', { shiftKey: true })).toBe(true);
    await notebook.settle();
    expect(decisions()).toEqual([]);
  });

  it('run all selected cells where there are several', async () => {
    await ask();
    notebook.panel.content.mode = 'command';
    notebook.panel.content.extendContiguousSelectionTo(0);
    notebook.panel.content.activeCellIndex = 1;
    notebook.panel.content.select(notebook.cell('mine'));
    expect(press('new', 'Enter', { shiftKey: true })).toBe(true);
  });

  it('are the ordinary ones before and after', async () => {
    notebook.panel.content.activeCellIndex = 1;
    expect(press('new', 'Enter', { shiftKey: true })).toBe(true);
    await ask();
    await say(finished());
    expect(press('new', 'Enter', { shiftKey: true })).toBe(true);
  });
});

describe('a cell that is run otherwise', () => {
  it('is left to the user', async () => {
    await ask();
    notebook.type('new', 'x = 3');
    runByButton();
    await notebook.settle();
    expect(decisions()).toMatchObject([{ decision: 'ran', source: 'x = 3' }]);
    await expect(notebook.session.runProposed()).resolves.toBeUndefined();
    expect(decisions()).toHaveLength(1);
  });

  it('is nothing to the agent where it does not wait for it', async () => {
    await ask();
    runByButton(0);
    await notebook.settle();
    expect(decisions()).toEqual([]);
  });
});

it('tells a mode that is chosen meanwhile with what waits, as the user has it', async () => {
  await ask();
  notebook.type('new', 'x = 3');
  await notebook.session.setMode('auto');
  expect(notebook.server.bodies('notebook').pop()).toMatchObject({
    mode: 'auto',
    waiting: { approval_id: 'approval', source: 'x = 3' }
  });
});
