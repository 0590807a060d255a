import { NotebookActions } from '@jupyterlab/notebook';

import { cell, ids, panel, shared, tell } from './projected';
import {
  delta,
  ended,
  executed,
  opened,
  revised,
  source,
  started,
  written
} from './told';

describe('sources', () => {
  it('puts a cell below the one it follows', () => {
    tell(...written('a', 'print(x)', 'first'));
    expect(ids()).toEqual(['first', 'a', 'second']);
    expect(cell('a').getSource()).toBe('print(x)');
  });

  it('puts a cell in the place of a blank one, and goes on from there', () => {
    shared().insertCell(1, { cell_type: 'code', id: 'blank', source: '' });
    panel.content.activeCellIndex = 1;
    tell(...written('a', 'print(x)', 'blank'));
    expect(ids()).toEqual(['first', 'a', 'second']);
    expect(panel.content.activeCell?.model.id).toBe('a');
  });

  it.each([
    ['has run', { execution_count: 1 }],
    ['shows something', { outputs: [{ output_type: 'display_data' }] }],
    ['is locked', { metadata: { deletable: false } }],
    ['is a title to be', { cell_type: 'markdown' }]
  ])('leaves an empty cell that %s', (_, properties) => {
    const blank = { cell_type: 'code', id: 'blank', source: '', ...properties };
    shared().insertCell(1, blank as never);
    tell(...written('a', 'print(x)', 'blank'));
    expect(ids()).toEqual(['first', 'blank', 'a', 'second']);
  });

  it('leaves a cell of its own that is still empty', () => {
    tell(opened('a', 'first'), ...written('b', '2', 'a'));
    expect(ids()).toEqual(['first', 'a', 'b', 'second']);
  });

  it('puts a cell at the end when it follows none, or one that is gone', () => {
    tell(...written('a', '1'), ...written('b', '2', 'gone'));
    expect(ids()).toEqual(['first', 'second', 'a', 'b']);
  });

  it('shows text as it streams', async () => {
    tell(opened('a', 'first'), delta('a', 'pri'), delta('a', 'nt'));
    await new Promise(requestAnimationFrame);
    expect(cell('a').getSource()).toBe('print');
    tell(delta('a', '(x'), source('a', 'print(x)'));
    expect(cell('a').getSource()).toBe('print(x)');
  });

  it('empties and rewrites the same cell when it revises', async () => {
    tell(...written('a', 'bad', 'first'), opened('a', null, true));
    expect(cell('a').getSource()).toBe('');
    tell(delta('a', 'go'), source('a', 'good'));
    expect(cell('a').getSource()).toBe('good');
    expect(ids()).toEqual(['first', 'a', 'second']);
  });

  it('revises a cell of the user when the run says so', () => {
    tell(...revised('second', 'y = 3'));
    expect(cell('second').getSource()).toBe('y = 3');
  });

  it('follows a cell that was moved', () => {
    tell(opened('a', 'first'));
    shared().moveCell(1, 0);
    tell(source('a', 'here'));
    expect(ids()).toEqual(['a', 'first', 'second']);
    expect(cell('a').getSource()).toBe('here');
  });

  it('does not bring back a cell that the user deleted', () => {
    tell(opened('a', 'first'));
    shared().deleteCell(1);
    tell(delta('a', 'x'), source('a', 'xy'), ...revised('a', 'z'));
    expect(ids()).toEqual(['first', 'second']);
  });

  it('leaves a cell alone that the user made markdown of', () => {
    tell(...written('a', 'code', 'first'));
    panel.content.activeCellIndex = 1;
    NotebookActions.changeCellType(panel.content, 'markdown');
    tell(...revised('a', 'other'));
    expect(cell('a').getSource()).toBe('code');
  });

  it('makes a new cell below the active one the active one', () => {
    panel.content.activeCellIndex = 0;
    tell(...written('a', '1', 'first'), ...written('b', '2', 'a'));
    expect(panel.content.activeCell?.model.id).toBe('b');
    expect(panel.content.mode).toBe('command');
  });

  it('keeps the active cell when the user went to another', () => {
    panel.content.activeCellIndex = 1;
    tell(...written('a', '1', 'first'));
    expect(panel.content.activeCell?.model.id).toBe('second');
    expect(panel.content.mode).toBe('command');
  });

  it('keeps the active cell when the user is in the notebook', () => {
    panel.content.activeCellIndex = 0;
    panel.content.node.tabIndex = -1;
    panel.content.node.focus();
    tell(...written('a', '1', 'first'));
    expect(panel.content.activeCell?.model.id).toBe('first');
  });

  it('writes the next input that the kernel sets, below and once', () => {
    const next = { source: 'set_next_input', text: 'load', replace: false };
    const events = [
      ...written('a', '%load x', 'first'),
      started('a', 'e'),
      ended('a', 'e', 1, 'ok', [next])
    ];
    tell(...events);
    expect(ids()).toEqual(['first', 'a', 'next-e', 'second']);
    expect(cell('next-e').getSource()).toBe('load');
  });
});

describe('view', () => {
  it.each([
    ['second', 1],
    ['a', 0]
  ])(
    'is brought back to a revised cell when its outputs have shrunk: %s',
    async (cellId, times) => {
      tell(...written('a', '1', 'first'), ...revised('second', 'y = 3'));
      const scrolled = (Element.prototype.scrollIntoView = jest.fn());
      tell(...executed(cellId, 'e', 2, 'short'));
      await new Promise(resolve => setTimeout(resolve, 300));
      expect(scrolled).toHaveBeenCalledTimes(times);
    }
  );
});
