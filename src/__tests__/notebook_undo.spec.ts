import type { ISharedCodeCell, YCodeCell } from '@jupyter/ydoc';
import { NotebookActions } from '@jupyterlab/notebook';

import {
  cell,
  ids,
  model,
  panel,
  projection,
  shared,
  tell,
  type
} from './projected';
import { executed, finished, revised, written } from './told';

describe('undo', () => {
  it('takes back a whole run in one step', () => {
    tell(
      ...revised('second', 'y = 3'),
      ...written('a', 'bad', 'first'),
      ...executed('a', 'e', 1, 'out'),
      ...revised('a', 'good'),
      ...written('b', 'next', 'a'),
      finished()
    );
    NotebookActions.undo(panel.content);
    expect(ids()).toEqual(['first', 'second']);
    expect(cell('second').getSource()).toBe('y = 2');
    NotebookActions.redo(panel.content);
    expect(ids()).toEqual(['first', 'a', 'b', 'second']);
    expect(cell('a').getSource()).toBe('good');
  });

  it('takes back what the user did meanwhile first, and alone', () => {
    tell(...written('a', '1', 'first'));
    shared().insertCell(0, { cell_type: 'code', id: 'mine', source: '' });
    tell(...written('b', '2', 'a'), finished());
    NotebookActions.undo(panel.content);
    expect(ids()).toEqual(['first', 'a', 'b', 'second']);
    NotebookActions.undo(panel.content);
    expect(ids()).toEqual(['first', 'second']);
  });

  it('leaves what the user did before the run', () => {
    shared().insertCell(0, { cell_type: 'code', id: 'mine', source: '' });
    tell(...written('a', '1', 'first'), finished());
    NotebookActions.undo(panel.content);
    expect(ids()).toEqual(['mine', 'first', 'second']);
  });

  it('in a cell of the user’s takes back the agent’s change first, then their own', () => {
    const second = cell('second') as ISharedCodeCell;
    second.updateSource(0, 5, '');
    (second as YCodeCell).undoManager!.stopCapturing();
    second.updateSource(0, 0, 'typed');
    tell(...revised('second', 'agent'), finished());
    second.undo();
    expect(second.getSource()).toBe('typed');
    second.redo();
    expect(second.getSource()).toBe('agent');
    projection.undo();
    expect(second.getSource()).toBe('typed');
  });

  it('does not make what came with the notebook trusted', () => {
    const html = {
      output_type: 'display_data',
      data: { 'text/html': '<b>x</b>' },
      metadata: {}
    };
    const second = model('second');
    second.outputs.fromJSON([html]);
    second.trusted = false;
    tell(...revised('second', 'y = 3'), ...executed('second', 'e', 1, 'out'));
    expect(second.trusted).toBe(true);
    tell(finished());
    projection.undo();
    expect(second.outputs.toJSON()).toMatchObject([html]);
    expect(second.trusted).toBe(false);
    expect(second.outputs.get(0).trusted).toBe(false);
    expect(second.getMetadata('trusted')).toBeUndefined();
  });

  it('from the card takes back all cells of the run', () => {
    tell(
      ...written('a', '1', 'first'),
      ...executed('a', 'e', 1, ''),
      ...written('b', '2', 'a'),
      finished()
    );
    projection.undo();
    expect(ids()).toEqual(['first', 'second']);
  });

  it('gives a blank cell back whose place was taken, once it is taken back', () => {
    shared().insertCell(1, { cell_type: 'code', id: 'blank', source: ' ' });
    shared().clearUndoHistory();
    tell(...written('a', '1', 'blank'), ...written('b', '2', 'a'), finished());
    expect(ids()).toEqual(['first', 'a', 'b', 'second']);
    NotebookActions.undo(panel.content);
    expect(ids()).toEqual(['first', 'blank', 'second']);
    NotebookActions.redo(panel.content);
    projection.undo();
    expect(ids()).toEqual(['first', 'blank', 'second']);
  });

  it('from the card keeps cells that the user changed', () => {
    tell(
      ...written('a', '1', 'first'),
      ...executed('a', 'e', 1, ''),
      ...written('b', '2', 'a'),
      ...revised('second', 'y = 3'),
      finished()
    );
    type('a', 'mine');
    expect(projection.undoable).toBe(true);
    projection.undo();
    expect(ids()).toEqual(['first', 'a', 'second']);
    expect(cell('second').getSource()).toBe('y = 2');
    expect(projection.undoable).toBe(false);
  });

  it.each([
    [2, 'before\n', 1],
    [7, 'after', 7]
  ])(
    'from the card shows again what a revised cell showed, unless it ran since',
    (count, text, shown) => {
      const revisedCell = cell('second') as ISharedCodeCell;
      revisedCell.setOutputs([
        { output_type: 'stream', name: 'stdout', text: 'before\n' }
      ]);
      revisedCell.execution_count = 1;
      tell(
        ...revised('second', 'y = 3'),
        ...executed('second', 'e', 2, 'after'),
        finished()
      );
      revisedCell.execution_count = count;
      projection.undo();
      expect(revisedCell.getSource()).toBe('y = 2');
      expect(revisedCell.getOutputs()).toMatchObject([{ text }]);
      expect(revisedCell.execution_count).toBe(shown);
      const { outputs, executionCount } = model('second');
      expect(outputs.toJSON()).toMatchObject([{ text }]);
      expect(executionCount).toBe(shown);
    }
  );

  it('is not undone by the run that goes on', () => {
    tell(...written('a', '1', 'first'));
    projection.undo();
    tell(...revised('a', '2'));
    expect(ids()).toEqual(['first', 'second']);
  });
});
