import { OpenedNotebook } from './opened';

let notebook: OpenedNotebook;
const IDS = ['fix', 'explain', 'hint'].map(name => `jupyter-oci:${name}-cell`);

beforeEach(async () => {
  notebook = await OpenedNotebook.open({ first: 'x = 1', second: 'y = 2' });
});

afterEach(() => notebook.close());

function asked() {
  return notebook.server.bodies('runs').filter(body => body.intent);
}

function state(id: string, args = {}) {
  const { commands } = notebook;
  return [commands.isVisible(id, args), commands.isEnabled(id, args)];
}

it('have labels, icons and argument schemas', async () => {
  for (const id of IDS) {
    const { args } = await notebook.commands.describedBy(id);
    expect(args?.properties).toMatchObject({
      cellId: { type: 'string' },
      sentence: { type: 'string' }
    });
    expect(notebook.commands.label(id)).not.toBe('');
    expect(notebook.commands.icon(id)).toBeDefined();
  }
});

it.each(['fix', 'explain', 'hint'])(
  '%s is for the active cell, or the one that is named',
  async intent => {
    notebook.panel.content.activeCellIndex = 1;
    const id = `jupyter-oci:${intent}-cell`;
    await notebook.commands.execute(id);
    await notebook.commands.execute(id, { cellId: 'first', sentence: ' why ' });
    expect(asked()).toMatchObject([
      { intent, target_cell_id: 'second', prompt: '' },
      {
        intent,
        target_cell_id: 'first',
        active_cell_id: 'first',
        prompt: 'why'
      }
    ]);
  }
);

it('send the cells with the numbers that stand beside them', async () => {
  const { model } = notebook.cell('second');
  model.executionCount = 12;
  await notebook.commands.execute(IDS[0], { cellId: 'first' });
  expect(asked()).toMatchObject([
    {
      cells: [
        { id: 'first', execution_count: null },
        { id: 'second', execution_count: 12 }
      ]
    }
  ]);
});

it('a change is what the user says in the panel, or what is said', async () => {
  const id = 'jupyter-oci:edit-cell';
  notebook.panel.content.activeCellIndex = 1;
  await notebook.commands.execute(id, { cellId: 'first' });
  expect(notebook.panel.content.activeCellIndex).toBe(0);
  expect([notebook.edited, asked()]).toEqual([1, []]);
  const args = { cellId: 'first', sentence: 'start at 2' };
  await notebook.commands.execute(id, args);
  expect(asked()).toMatchObject([
    { intent: 'edit', target_cell_id: 'first', prompt: 'start at 2' }
  ]);
});

it('are off while a run goes on', async () => {
  expect(IDS.map(id => state(id))).toEqual(Array(3).fill([true, true]));
  await notebook.fix('first');
  expect(IDS.map(id => state(id))).toEqual(Array(3).fill([true, false]));
});

it('leave only the hint where nothing else is allowed', () => {
  expect(state(IDS[2], { toolbar: true })).toEqual([false, true]);
  notebook.panel.content.model!.setMetadata('jupyter_oci', {
    hint_only: true
  });
  expect(IDS.map(id => state(id))).toEqual([
    [false, false],
    [false, false],
    [true, true]
  ]);
  expect(state(IDS[2], { toolbar: true })).toEqual([true, true]);
  expect(notebook.commands.isEnabled('jupyter-oci:ask')).toBe(false);
});
