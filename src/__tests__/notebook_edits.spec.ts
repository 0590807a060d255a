import { NotebookActions } from '@jupyterlab/notebook';

import type { RunEvent } from '../protocol';
import {
  cell,
  panel,
  projection,
  rested,
  shared,
  tell,
  type
} from './projected';
import {
  approved,
  asked,
  begun,
  ended,
  executed,
  finished,
  opened,
  revised,
  source,
  started,
  written
} from './told';

describe('user edits', () => {
  it('win over what the agent goes on to write', () => {
    tell(opened('a', 'first'), source('a', 'agent'));
    type('a', 'mine');
    tell(...revised('a', 'agent 2'));
    expect(cell('a').getSource()).toBe('mine');
    expect(projection.conflicts).toEqual([{ cellId: 'a', offered: 'agent 2' }]);
  });

  it('are told to the server', async () => {
    tell(begun(), ...written('a', 'agent', 'first'));
    const edited = new Promise(resolve =>
      projection.edited.connect((_, edit) => resolve(edit))
    );
    type('a', 'mine');
    expect(await edited).toEqual({ cellId: 'a', source: 'mine' });
  });

  it('are told while outputs keep changing the notebook', async () => {
    tell(begun(), ...written('a', 'agent', 'first'));
    const edited = jest.fn();
    projection.edited.connect(edited);
    type('second', 'y = 20');
    for (let update = 0; update < 40 && !edited.mock.calls.length; update++) {
      panel.content.model!.setMetadata('update', update);
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    expect(edited).toHaveBeenCalledTimes(1);
  });

  it('are told of cells that the agent has not come to, and once more when they are taken back', async () => {
    const edits: unknown[] = [];
    projection.edited.connect((_, edit) => edits.push(edit));
    type('first', 'x = 10');
    await rested();
    expect(edits).toEqual([]); // no run has begun
    tell(begun(), ...written('a', 'agent', 'first'));
    type('second', 'y = 20');
    await rested();
    type('second', 'y = 2');
    await rested();
    tell(finished());
    type('second', 'y = 30');
    await rested();
    expect(edits).toEqual([
      { cellId: 'first', source: 'x = 10' },
      { cellId: 'second', source: 'y = 20' },
      { cellId: 'second', source: 'y = 2' }
    ]);
    expect(projection.conflicts).toEqual([]);
  });

  it('are not what the agent writes after one of them was given up', async () => {
    const edits: unknown[] = [];
    tell(begun(), ...written('a', 'agent', 'first'));
    type('a', 'mine');
    await rested();
    projection.acceptOffered('a');
    tell(...revised('a', 'agent 2'));
    projection.edited.connect((_, edit) => edits.push(edit));
    type('second', 'y = 20');
    await rested();
    expect(edits).toEqual([{ cellId: 'second', source: 'y = 20' }]);
  });

  it('are no conflict while the cell waits for approval', () => {
    tell(...written('a', 'agent', 'first'), asked('a', 'agent'));
    type('a', 'mine');
    tell(approved('mine'), ...executed('a', 'e', 1, ''));
    expect(projection.conflicts).toEqual([]);
    expect(cell('a').getSource()).toBe('mine');
  });

  it('that were approved are what the agent revises', () => {
    tell(...written('a', 'agent', 'first'), asked('a', 'agent'));
    type('a', 'mine');
    tell(approved('mine'), started('a', 'e'), ended('a', 'e', 1, 'error'));
    tell(...revised('a', 'repaired'));
    expect(cell('a').getSource()).toBe('repaired');
  });

  it('that are to be changed further are what the agent writes anew', () => {
    tell(...written('a', 'agent', 'first'), asked('a', 'agent'));
    type('a', 'mine');
    const resolved = { ...approved('mine'), decision: 'another' } as RunEvent;
    tell(resolved, ...revised('a', 'as I said'));
    expect(cell('a').getSource()).toBe('as I said');
    expect(projection.conflicts).toEqual([]);
  });

  it('give way when the user accepts what is offered', () => {
    tell(...written('a', 'agent', 'first'));
    type('a', 'mine');
    tell(...revised('a', 'agent 2'));
    projection.acceptOffered('a');
    expect(cell('a').getSource()).toBe('agent 2');
    expect(projection.conflicts).toEqual([]);
  });

  it('stand where the user keeps them, until the agent has another version', () => {
    tell(...written('a', 'agent', 'first'));
    type('a', 'mine');
    tell(...revised('a', 'agent 2'));
    projection.keepOwn('a');
    expect(projection.conflicts).toEqual([]);
    tell(...revised('a', 'agent 3'));
    expect(projection.conflicts).toEqual([{ cellId: 'a', offered: 'agent 3' }]);
  });

  it.each(['agent 2', null])(
    'are no conflict once the cell has the agent’s version, or is gone',
    text => {
      tell(...written('a', 'agent', 'first'));
      type('a', 'mine');
      tell(...revised('a', 'agent 2'), finished());
      expect(projection.conflicts).toHaveLength(1);
      if (text) {
        type('a', text);
      } else {
        shared().deleteCell(1);
      }
      expect(projection.conflicts).toEqual([]);
    }
  );

  it('may take a cell away: nothing stands there, until it is back', async () => {
    const edits: unknown[] = [];
    projection.edited.connect((_, edit) => edits.push(edit));
    tell(begun(), opened('a', 'first'));
    shared().deleteCell(1);
    await rested();
    tell(source('a', 'agent'), ...written('b', 'next', 'first'));
    shared().deleteCell(1);
    await rested();
    NotebookActions.undo(panel.content);
    await rested();
    expect(edits).toEqual([
      { cellId: 'a', source: '' },
      { cellId: 'b', source: '' },
      { cellId: 'b', source: 'next' }
    ]);
  });

  it('of cells that are done with are nobody’s business', async () => {
    tell(...written('a', 'agent', 'first'), ...executed('a', 'e', 1, ''));
    type('a', 'mine');
    tell(...written('b', 'next', 'a'));
    expect(projection.conflicts).toEqual([]);
  });
});
