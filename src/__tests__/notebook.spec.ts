import type { ICodeCellModel } from '@jupyterlab/cells';
import type { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { ISharedCodeCell } from '@jupyter/ydoc';
import { NotebookActions } from '@jupyterlab/notebook';
import {
  initNotebookContext,
  NBTestUtils
} from '@jupyterlab/notebook/lib/testutils';
import type { KernelMessage } from '@jupyterlab/services';
import { ServiceManagerMock } from '@jupyterlab/services/lib/testutils';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { LateOutputs } from '../late_outputs';
import { Projection } from '../notebook';
import type { RunEvent } from '../protocol';
import {
  approved,
  asked,
  begun,
  delta,
  ended,
  executed,
  finished,
  opened,
  printed,
  revised,
  said,
  source,
  started,
  written
} from './told';

let panel: NotebookPanel;
let projection: Projection;
let late: LateOutputs;
const kernel = {};
const iopub = new Signal<object, KernelMessage.IMessage>(kernel);

beforeEach(async () => {
  Element.prototype.scrollIntoView = jest.fn(); // jsdom lays nothing out
  const context = await initNotebookContext({
    manager: new ServiceManagerMock()
  });
  panel = NBTestUtils.createNotebookPanel(context);
  shared().deleteCellRange(0, shared().cells.length);
  shared().insertCells(0, [
    { cell_type: 'code', id: 'first', source: 'x = 1' },
    { cell_type: 'code', id: 'second', source: 'y = 2' }
  ]);
  shared().clearUndoHistory();
  Widget.attach(panel, document.body);
  const session = { kernel: { clientId: 'this-page' } };
  late = new LateOutputs({ iopubMessage: iopub, session } as never);
  projection = new Projection(panel, late);
});

afterEach(() => {
  projection.dispose();
  late.dispose();
  panel.dispose();
});

function shared() {
  return panel.content.model!.sharedModel;
}

function ids(): string[] {
  return shared().cells.map(cell => cell.getId());
}

function cell(id: string) {
  return shared().cells.find(candidate => candidate.getId() === id)!;
}

function widget(id: string): CodeCell {
  return panel.content.widgets.find(
    candidate => candidate.model.id === id
  ) as CodeCell;
}

function model(id: string): ICodeCellModel {
  return widget(id).model;
}

function outputs(id: string) {
  return model(id).outputs.toJSON();
}

function tell(...events: RunEvent[]): void {
  events.forEach(event => projection.apply(event));
}

/** Pretend that the user types. */
function type(id: string, text: string): void {
  cell(id).setSource(text);
}

/** Wait until what was typed is told. */
function rested(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 200));
}

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

  it('give way when the user accepts what is offered', () => {
    tell(...written('a', 'agent', 'first'));
    type('a', 'mine');
    tell(...revised('a', 'agent 2'));
    projection.acceptOffered('a');
    expect(cell('a').getSource()).toBe('agent 2');
    expect(projection.conflicts).toEqual([]);
  });

  it('of cells that are done with are nobody’s business', async () => {
    tell(...written('a', 'agent', 'first'), ...executed('a', 'e', 1, ''));
    type('a', 'mine');
    tell(...written('b', 'next', 'a'));
    expect(projection.conflicts).toEqual([]);
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
    }
  );

  it('is not undone by the run that goes on', () => {
    tell(...written('a', '1', 'first'));
    projection.undo();
    tell(...revised('a', '2'));
    expect(ids()).toEqual(['first', 'second']);
  });
});

describe('outputs', () => {
  beforeEach(() => tell(...written('a', 'code', 'first')));

  it('merge streams and set the prompt', () => {
    tell(started('a', 'e'));
    expect(model('a').executionState).toBe('running');
    tell(printed('a', 'e', 'one\n'), printed('a', 'e', 'two\n'));
    tell(ended('a', 'e', 7));
    expect(outputs('a')).toEqual([
      { output_type: 'stream', name: 'stdout', text: 'one\ntwo\n' }
    ]);
    expect(model('a').executionCount).toBe(7);
    expect(model('a').executionState).toBe('idle');
  });

  it('are cleared when the kernel says so', () => {
    tell(started('a', 'e'), printed('a', 'e', 'old'));
    tell(said('a', 'e', 'clear_output', { wait: false }));
    expect(outputs('a')).toEqual([]);
    tell(printed('a', 'e', 'older'));
    tell(said('a', 'e', 'clear_output', { wait: true }));
    expect(outputs('a')).toHaveLength(1);
    tell(printed('a', 'e', 'new'));
    expect(outputs('a')).toMatchObject([{ text: 'new' }]);
  });

  it('are updated by display id', () => {
    const display = (text: string) => ({
      data: { 'text/plain': text },
      metadata: {},
      transient: { display_id: 'd' }
    });
    tell(started('a', 'e'), said('a', 'e', 'display_data', display('0 %')));
    tell(said('a', 'e', 'update_display_data', display('100 %')));
    expect(outputs('a')).toMatchObject([{ data: { 'text/plain': '100 %' } }]);
  });

  it('begin anew with each execution', () => {
    tell(...executed('a', 'e1', 1, 'old'), started('a', 'e2'));
    expect(outputs('a')).toEqual([]);
    expect(model('a').executionCount).toBeNull();
    tell(printed('a', 'e1', 'late'), ended('a', 'e1', 1));
    expect(outputs('a')).toEqual([]);
    expect(model('a').executionState).toBe('running');
  });

  it('of the agent stop where the user runs the cell', () => {
    tell(started('a', 'e'), printed('a', 'e', 'agent'));
    const users = new Projection(panel, late);
    users.catchUp([...written('a', 'code'), ...executed('a', 'u', 9, 'user')]);
    tell(printed('a', 'e', 'more'), ended('a', 'e', 5));
    expect(outputs('a')).toMatchObject([{ text: 'user' }]);
    expect(model('a').executionCount).toBe(9);
    users.dispose();
  });

  it('have the times of a notebook that records them', () => {
    panel.content.notebookConfig = {
      ...panel.content.notebookConfig,
      recordTiming: true
    };
    const events = executed('a', 'e', 1, '');
    tell(...events);
    const { time } = events[events.length - 1];
    expect(model('a').getMetadata('execution')).toMatchObject({
      'shell.execute_reply': new Date(1000 * time).toISOString()
    });
  });

  it('are trusted as those of a cell that the user ran', () => {
    tell(...executed('a', 'e', 1, 'x'));
    expect(model('a').trusted).toBe(true);
  });

  it('no longer wait when the run ended without a reply', () => {
    tell(started('a', 'e'), finished());
    expect(model('a').executionState).toBe('idle');
  });

  describe('after the kernel was idle', () => {
    const message = (
      msg_type: string,
      content: object,
      session = 'the-server'
    ) =>
      iopub.emit({
        header: { msg_type },
        parent_header: { msg_id: 'e', session },
        content,
        metadata: {}
      } as never);
    const print = (text: string, session?: string) =>
      message('stream', { name: 'stdout', text }, session);

    it('are taken from the page’s own connection', () => {
      print('known');
      tell(...executed('a', 'e', 1, 'known'));
      print('known');
      message('status', { execution_state: 'idle' });
      print(' late');
      expect(outputs('a')).toMatchObject([{ text: 'known late' }]);
    });

    it('are shown in order when they come before the run has told the end', () => {
      tell(started('a', 'e'));
      message('status', { execution_state: 'idle' });
      print(' late');
      print(' later');
      tell(printed('a', 'e', 'known'), ended('a', 'e', 1));
      print(' last');
      expect(outputs('a')).toMatchObject([{ text: 'known late later last' }]);
    });

    it('are shown when the page’s connection came up only after that', () => {
      tell(...executed('a', 'e', 1, 'known'));
      print(' late');
      expect(outputs('a')).toMatchObject([{ text: 'known late' }]);
    });

    it('do not wait for an end when the page itself executed', () => {
      message('status', { execution_state: 'idle' });
      print('own', 'this-page');
      tell(...executed('a', 'e', 1, 'known'));
      expect(outputs('a')).toMatchObject([{ text: 'known' }]);
    });
  });
});

describe('catching up', () => {
  const run = () => [
    ...written('a', 'bad', 'first'),
    ...executed('a', 'e1', 1, 'old'),
    ...revised('a', 'good'),
    ...executed('a', 'e2', 2, 'new'),
    finished()
  ];

  function reopened(): Projection {
    projection.dispose();
    projection = new Projection(panel, late);
    return projection;
  }

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
