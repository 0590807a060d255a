import { getOriginalDoc } from '@codemirror/merge';
import { EditorView } from '@codemirror/view';

import { OpenedNotebook } from './opened';
import { finished } from './told';

let notebook: OpenedNotebook;

beforeEach(async () => {
  notebook = await OpenedNotebook.open({ cause: 'x = 1', bad: 'x = y' });
  notebook.panel.content.activeCellIndex = 1;
});

afterEach(() => notebook.close());

function editor(id: string): EditorView {
  const node = notebook
    .cell(id)
    .node.querySelector<HTMLElement>('.jp-oci-Proposal .cm-editor');
  return EditorView.findFromDOM(node!)!;
}

function isShown(id: string): boolean {
  return notebook.cell(id).node.querySelector('.jp-oci-Proposal') !== null;
}

function ownEditorIsHidden(id: string): boolean {
  return notebook.cell(id).editorWidget!.isHidden;
}

function press(target: Element, key: string, init: KeyboardEventInit = {}) {
  return target.dispatchEvent(
    new KeyboardEvent('keydown', {
      key,
      bubbles: true,
      cancelable: true,
      ...init
    })
  );
}

/** Browsers take the focus from a disabled button; jsdom lets only an enabled one lose it. */
function blurDisabled(): void {
  const focused = document.activeElement;
  if (focused instanceof HTMLButtonElement && focused.disabled) {
    focused.disabled = false;
    focused.blur();
    focused.disabled = true;
  }
}

function decisions(): unknown[] {
  return notebook.server.bodies('runs/run-1/approve');
}

describe('a proposed fix', () => {
  beforeEach(async () => {
    await notebook.fix('bad');
    await notebook.propose('bad', 'x = 2');
  });

  it('stands in its cell as a difference, and not in the document', () => {
    expect(isShown('bad')).toBe(true);
    expect(ownEditorIsHidden('bad')).toBe(true);
    expect(editor('bad').state.doc.toString()).toBe('x = 2');
    expect(getOriginalDoc(editor('bad').state).toString()).toBe('x = y');
    expect(notebook.source('bad')).toBe('x = y');
    expect(JSON.stringify(notebook.panel.content.model)).not.toContain('x = 2');
  });

  it('is edited with undo steps of its own, and not with those of the cell below', () => {
    const view = editor('bad');
    const ctrl = { ctrlKey: true };
    view.dispatch({ changes: { from: 5, insert: '0' } });
    expect(view.state.doc.toString()).toBe('x = 20');
    expect(press(view.contentDOM, 'z', ctrl)).toBe(false);
    expect(view.state.doc.toString()).toBe('x = 2');
    press(view.contentDOM, 'z', ctrl);
    expect(view.state.doc.toString()).toBe('x = 2');
    press(view.contentDOM, 'Z', { ...ctrl, shiftKey: true });
    expect(view.state.doc.toString()).toBe('x = 20');
    expect(notebook.source('bad')).toBe('x = y');
  });

  it('says what was wrong, and takes the focus of who waits for it', () => {
    expect(notebook.cell('bad').node.textContent).toContain('It was wrong.');
    expect(document.activeElement).toBe(notebook.button('bad', 'Accept'));
  });

  it('is decided by its own buttons, whatever links the summary has', async () => {
    await notebook.propose('bad', 'x = 3', { summary: 'See https://a.test/.' });
    expect(document.activeElement).toBe(notebook.button('bad', 'Accept'));
    press(notebook.button('bad', 'Accept'), 'Escape');
    await notebook.settle();
    expect(decisions()).toMatchObject([{ decision: 'skip' }]);
  });

  it('is accepted, and written as the run says', async () => {
    await notebook.click('bad', 'Accept');
    expect(decisions()).toMatchObject([{ decision: 'run', source: 'x = 2' }]);
    expect(notebook.button('bad', 'Accept').disabled).toBe(true);
    notebook.server.say(
      {
        type: 'approval_resolved',
        approval_id: 'x = 2',
        decision: 'run',
        source: 'x = 2'
      },
      {
        type: 'cell_opened',
        cell_id: 'bad',
        after_cell_id: null,
        revises: true
      },
      {
        type: 'source_finished',
        cell_id: 'bad',
        source: 'x = 2',
        sha256: ''
      }
    );
    await notebook.settle();
    expect(isShown('bad')).toBe(false);
    expect(ownEditorIsHidden('bad')).toBe(false);
    expect(notebook.source('bad')).toBe('x = 2');
  });

  it('gives the focus to the notebook when it was decided on with its buttons', async () => {
    await notebook.click('bad', 'Accept');
    blurDisabled();
    notebook.server.say(finished());
    await notebook.settle();
    expect(isShown('bad')).toBe(false);
    const { content } = notebook.panel;
    expect(content.node.contains(document.activeElement)).toBe(true);
  });

  it('is accepted as the user edited it, also from elsewhere', async () => {
    editor('bad').dispatch({ changes: { from: 5, insert: '0 # mine' } });
    expect(notebook.source('bad')).toBe('x = y');
    await notebook.commands.execute('jupyter-oci:run-proposed');
    expect(decisions()).toMatchObject([
      { decision: 'run', source: 'x = 20 # mine' }
    ]);
  });

  it('is shown by the card as the user edited it', async () => {
    editor('bad').dispatch({ changes: { from: 5, insert: '0 # mine' } });
    await notebook.settle();
    const [run] = notebook.session.state.runs;
    expect(run.rounds[0].source).toBe('x = 20 # mine');
    expect(editor('bad').state.doc.toString()).toBe('x = 20 # mine');
  });

  it('is accepted from its editor by Enter with a modifier, not by Enter', async () => {
    press(editor('bad').contentDOM, 'Enter');
    await notebook.settle();
    expect(decisions()).toEqual([]);
    const left = press(editor('bad').contentDOM, 'Enter', { shiftKey: true });
    await notebook.settle();
    expect(left).toBe(false);
    expect(decisions()).toMatchObject([{ decision: 'run' }]);
  });

  it('is rejected by Escape, which in the editor only leaves it', async () => {
    editor('bad').focus();
    press(editor('bad').contentDOM, 'Escape');
    await notebook.settle();
    expect(decisions()).toEqual([]);
    expect(document.activeElement).toBe(notebook.button('bad', 'Accept'));
    press(document.activeElement!, 'Escape');
    await notebook.settle();
    expect(decisions()).toMatchObject([{ decision: 'skip' }]);
  });

  it('takes a word along; where one is typed, no key accepts or rejects', async () => {
    const field = notebook
      .cell('bad')
      .node.querySelector<HTMLInputElement>('.jp-oci-ProposalBar input')!;
    field.focus();
    press(field, 'Enter', { shiftKey: true });
    press(field, 'Escape');
    await notebook.settle();
    expect(decisions()).toEqual([]);
    expect(document.activeElement).toBe(notebook.button('bad', 'Accept'));
    field.value = 'use z';
    press(field, 'Enter');
    await notebook.settle();
    expect(decisions()).toMatchObject([
      { decision: 'another', comment: 'use z' }
    ]);
  });

  it('gives way to another one', async () => {
    await notebook.click('bad', 'Try another');
    expect(decisions()).toMatchObject([{ decision: 'another' }]);
    notebook.server.say({
      type: 'approval_resolved',
      approval_id: 'x = 2',
      decision: 'another',
      source: 'x = 2'
    });
    await notebook.settle();
    expect(isShown('bad')).toBe(false);
    await notebook.propose('bad', 'x = 3');
    expect(editor('bad').state.doc.toString()).toBe('x = 3');
  });

  it('goes when its cell is changed, and is not accepted any more', async () => {
    notebook.type('bad', 'x = mine');
    await notebook.settle();
    expect(isShown('bad')).toBe(false);
    expect(ownEditorIsHidden('bad')).toBe(false);
    expect(notebook.session.state.active?.outdated).toBe(true);
    await expect(notebook.session.runProposed()).rejects.toThrow();
    expect(decisions()).toEqual([]);
    expect(notebook.source('bad')).toBe('x = mine');
  });

  it('comes back when the change is taken back', async () => {
    notebook.type('bad', 'x = mine');
    notebook.type('bad', 'x = y');
    await notebook.settle();
    expect(isShown('bad')).toBe(true);
  });

  it('follows its cell, with what the user made of it', async () => {
    editor('bad').dispatch({ changes: { from: 0, insert: '# mine\n' } });
    notebook.panel.content.model!.sharedModel.moveCell(1, 0);
    await notebook.settle();
    expect(isShown('bad')).toBe(true);
    expect(editor('bad').state.doc.toString()).toBe('# mine\nx = 2');
  });

  it('is asked about anew in another mode, with what the user made of it', async () => {
    editor('bad').dispatch({ changes: { from: 5, insert: '0' } });
    await notebook.click('bad', 'Accept');
    notebook.server.say({
      type: 'approval_requested',
      approval_id: 'anew',
      cell_id: 'bad',
      source: 'x = 2',
      sha256: '',
      reasons: ['It is not run.']
    });
    await notebook.settle();
    expect(notebook.cell('bad').node.textContent).toContain('It is not run.');
    expect(editor('bad').state.doc.toString()).toBe('x = 20');
    await notebook.click('bad', 'Accept');
    expect(decisions().pop()).toMatchObject({
      approval_id: 'anew',
      source: 'x = 20'
    });
  });

  it('goes with the run', async () => {
    notebook.server.say(finished());
    await notebook.settle();
    expect(isShown('bad')).toBe(false);
    expect(notebook.source('bad')).toBe('x = y');
  });
});

it('for a source that is not the cell’s is never shown in it', async () => {
  await notebook.fix('bad');
  await notebook.propose('bad', 'x = 2', { base: 'x = old' });
  expect(isShown('bad')).toBe(false);
  expect(notebook.cell('bad').node.textContent).toContain('was changed');
});

it('that is accepted is not written over what the user typed meanwhile', async () => {
  await notebook.fix('bad');
  await notebook.propose('bad', 'x = 2');
  notebook.type('bad', 'x = mine');
  notebook.server.say(
    { type: 'cell_opened', cell_id: 'bad', after_cell_id: null, revises: true },
    { type: 'source_finished', cell_id: 'bad', source: 'x = 2', sha256: '' }
  );
  await notebook.settle();
  expect(notebook.source('bad')).toBe('x = mine');
  expect(notebook.session.state.runs[0].conflicts).toEqual([
    { cellId: 'bad', offered: 'x = 2' }
  ]);
});

it('for another cell stands there, and both are marked', async () => {
  await notebook.fix('bad');
  await notebook.propose('cause', 'x = 2');
  expect(isShown('cause')).toBe(true);
  expect(isShown('bad')).toBe(false);
  expect(notebook.cell('cause').hasClass('jp-oci-mod-cause')).toBe(true);
  expect(notebook.cell('bad').hasClass('jp-oci-mod-symptom')).toBe(true);
  expect(notebook.cell('cause').node.textContent).toContain(
    'The cause is here'
  );
  expect(notebook.buttons('bad')).toEqual(['Show cell', 'Stop']);
  notebook.server.say(finished());
  await notebook.settle();
  expect(notebook.cell('bad').hasClass('jp-oci-mod-symptom')).toBe(false);
});

it('takes the focus from nobody who is somewhere else', async () => {
  await notebook.fix('bad');
  notebook.panel.content.activeCellIndex = 0;
  notebook.cell('cause').editor!.focus();
  await notebook.propose('bad', 'x = 2');
  expect(isShown('bad')).toBe(true);
  expect(notebook.cell('cause').editor!.hasFocus()).toBe(true);
});

it('shows whose check must pass', async () => {
  await notebook.fix('bad');
  await notebook.propose('bad', 'x = 2', {
    check: 'assert x == 2',
    check_origin: 'agent'
  });
  const { textContent } = notebook.cell('bad').node;
  expect(textContent).toContain('a check the agent wrote');
  expect(textContent).toContain('assert x == 2');
});
