import { OpenedNotebook } from './opened';

it('says of which cells the middle is left out', async () => {
  const long = `start = 1\n${'x'.repeat(20_000)}\nend = 2`;
  const notebook = await OpenedNotebook.open({ first: long, second: 'y = 2' });
  await notebook.commands.execute('jupyter-oci:explain-cell', {
    cellId: 'second'
  });
  const [{ cells }] = notebook.server
    .bodies('runs')
    .filter(body => body.intent);
  const [cut, whole] = cells as Record<string, unknown>[];
  expect(cut).toMatchObject({ id: 'first', is_cut: true });
  expect(cut.source).toMatch(/^start = 1\n[^]*\n…\n[^]*\nend = 2$/);
  expect(whole).toMatchObject({ id: 'second', source: 'y = 2' });
  expect(whole).not.toHaveProperty('is_cut');
  notebook.close();
});

it('says which cells are locked', async () => {
  const notebook = await OpenedNotebook.open({ first: 'x = 1', second: 'x' });
  notebook.panel.content.widgets[0].model.setMetadata('editable', false);
  await notebook.commands.execute('jupyter-oci:explain-cell', {
    cellId: 'second'
  });
  const [{ cells }] = notebook.server
    .bodies('runs')
    .filter(body => body.intent);
  expect(cells).toMatchObject([
    { id: 'first', metadata: { editable: false } },
    { id: 'second', metadata: {} }
  ]);
  notebook.close();
});

it.each([
  ['Alt', { altKey: true }, 'second'],
  ['Control', { ctrlKey: true }, 'second'],
  ['g', { ctrlKey: true, altKey: true }, 'second'],
  ['C', { ctrlKey: true, shiftKey: true }, 'second'],
  ['s', { ctrlKey: true }, 'second'],
  ['Shift', { shiftKey: true }, 'second'],
  ['ArrowDown', {}, 'first'],
  ['Enter', { ctrlKey: true }, 'first']
])(
  'is about the last cell until a cell was chosen: after %s %j about the %s',
  async (key, modifiers, about) => {
    const notebook = await OpenedNotebook.open({ first: 'x', second: 'y' });
    const { node } = notebook.panel.content;
    node.dispatchEvent(new KeyboardEvent('keydown', { key, ...modifiers }));
    await notebook.session.ask('Add them up.');
    const [{ active_cell_id }] = notebook.server
      .bodies('runs')
      .filter(body => body.prompt);
    expect(active_cell_id).toBe(about);
    notebook.close();
  }
);
