import type { YNotebook } from '@jupyter/ydoc';

import {
  cell,
  ids,
  model,
  outputs,
  panel,
  projection,
  reopened,
  shared,
  tell,
  type
} from './projected';
import {
  ended,
  executed,
  finished,
  printed,
  revised,
  started,
  written
} from './told';

describe('catching up', () => {
  const run = () => [
    ...written('a', 'bad', 'first'),
    ...executed('a', 'e1', 1, 'old'),
    ...revised('a', 'good'),
    ...executed('a', 'e2', 2, 'new'),
    finished()
  ];

  it('brings a document that missed all to the end', () => {
    projection.catchUp(run());
    expect(ids()).toEqual(['first', 'a', 'second']);
    expect(cell('a').getSource()).toBe('good');
    expect(outputs('a')).toMatchObject([{ text: 'new' }]);
    expect(model('a').executionCount).toBe(2);
  });

  it('changes nothing the second time', () => {
    const events = run();
    projection.catchUp(events);
    const before = panel.content.model!.toJSON();
    reopened().catchUp(events);
    expect(panel.content.model!.toJSON()).toEqual(before);
  });

  it('finds its cells again in a notebook of a version without ids', () => {
    (shared() as YNotebook).nbformat_minor = 4;
    const events = run();
    projection.catchUp(events.slice(0, 5));
    panel.content.model!.fromJSON(panel.content.model!.toJSON() as never);
    reopened().catchUp(events);
    expect(ids()).toEqual(['first', 'a', 'second']);
    expect(cell('a').getSource()).toBe('good');
  });

  it.each(['x = 1', ''])(
    'leaves what the user cut from a cell that had run: %s is left',
    left => {
      const events = [
        ...written('a', 'x = 1\ny = 2', 'first'),
        ...executed('a', 'e', 1, 'out')
      ];
      projection.catchUp(events);
      type('a', left);
      reopened().catchUp(events);
      expect(cell('a').getSource()).toBe(left);
    }
  );

  it('goes on from a document that was saved halfway', () => {
    const events = run();
    projection.catchUp(events.slice(0, 5));
    reopened().catchUp(events);
    expect(ids()).toEqual(['first', 'a', 'second']);
    expect(cell('a').getSource()).toBe('good');
    expect(outputs('a')).toMatchObject([{ text: 'new' }]);
  });

  it('keeps what the user changed before the notebook was closed', () => {
    const events = run();
    projection.catchUp(events.slice(0, 5));
    type('a', 'mine');
    reopened().catchUp(events);
    expect(cell('a').getSource()).toBe('mine');
    expect(projection.conflicts).toEqual([{ cellId: 'a', offered: 'good' }]);
  });

  it('shows what a revised cell gave, though an earlier kernel counted farther', () => {
    model('second').executionCount = 57;
    const fix = [
      ...revised('second', 'y = 3'),
      ...executed('second', 'e', 2, 'new'),
      finished()
    ];
    projection.catchUp(fix);
    expect(outputs('second')).toMatchObject([{ text: 'new' }]);
    expect(model('second').executionCount).toBe(2);
  });

  it('leaves what the user ran since', () => {
    const events = run();
    projection.catchUp(events);
    model('a').outputs.clear();
    model('a').executionCount = 9;
    reopened().catchUp(events);
    expect(outputs('a')).toEqual([]);
    expect(model('a').executionCount).toBe(9);
  });

  it('goes on with an execution that is under way', () => {
    projection.catchUp([
      ...written('a', 'code', 'first'),
      started('a', 'e'),
      printed('a', 'e', 'one')
    ]);
    tell(printed('a', 'e', ' two'), ended('a', 'e', 3));
    expect(outputs('a')).toMatchObject([{ text: 'one two' }]);
    expect(model('a').executionCount).toBe(3);
  });

  it('only looks when it may not write, and can take back all the same', () => {
    const events = run();
    projection.catchUp(events, false);
    expect(ids()).toEqual(['first', 'second']);
    expect(projection.undoable).toBe(false);
    reopened().catchUp(events);
    reopened().catchUp(events, false);
    expect(projection.undoable).toBe(true);
    projection.undo();
    expect(ids()).toEqual(['first', 'second']);
  });
});
