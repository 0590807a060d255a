import { FakeServer } from './fake_server';
import { OpenedNotebook } from './opened';
import { revised } from './told';

let notebook: OpenedNotebook;

beforeEach(async () => {
  notebook = await OpenedNotebook.open({ good: 'x = 1', bad: 'x = y' });
});

afterEach(() => notebook.close());

function text(id: string): string {
  return (
    notebook.cell(id).node.querySelector('.jp-oci-CellBar')?.textContent ?? ''
  );
}

function end(status: 'done' | 'gave_up', reason: string, message: string) {
  notebook.server.say({
    type: 'run_finished',
    status,
    rounds: 1,
    reason,
    message
  });
  return notebook.settle();
}

it('stands below a cell that ended in an error, and goes with the error', async () => {
  expect(notebook.buttons('bad')).toEqual([]);
  notebook.fail('bad');
  await notebook.settle();
  expect(notebook.buttons('bad')).toEqual([
    'Fix',
    'Explain',
    'Hint',
    'What should it do?'
  ]);
  expect(notebook.buttons('good')).toEqual([]);
  notebook.model('bad').outputs.clear();
  await notebook.settle();
  expect(notebook.buttons('bad')).toEqual([]);
});

it('stands between the outputs and the footer, and the error is drawn as ever', async () => {
  notebook.fail('bad');
  await notebook.settle();
  const classes = [...notebook.cell('bad').node.children].map(
    ({ classList }) => classList
  );
  const at = (name: string) => classes.findIndex(list => list.contains(name));
  expect(at('jp-oci-CellBar')).toBe(at('jp-Cell-outputWrapper') + 1);
  expect(at('jp-Cell-footer')).toBe(at('jp-oci-CellBar') + 1);
  expect(
    notebook.cell('bad').node.querySelector('.jp-OutputArea-output')
  ).not.toBeNull();
});

it('is there too where a figure was drawn after the error', async () => {
  notebook.fail('bad');
  notebook.model('bad').outputs.add({
    output_type: 'display_data',
    data: { 'text/plain': '<Figure size 640x480>' },
    metadata: {}
  });
  await notebook.settle();
  expect(notebook.buttons('bad')).toContain('Fix');
});

it('is not there for a cell that the user interrupted', async () => {
  notebook.fail('bad', 'KeyboardInterrupt');
  await notebook.settle();
  expect(notebook.buttons('bad')).toEqual([]);
});

it('is there for errors that the notebook was opened with, and follows a cell that is moved', async () => {
  const { sharedModel } = notebook.panel.content.model!;
  sharedModel.insertCell(0, {
    cell_type: 'code',
    id: 'old',
    source: 'z',
    outputs: [
      { output_type: 'error', ename: 'E', evalue: '', traceback: [] } as never
    ]
  });
  await notebook.settle();
  expect(notebook.buttons('old')).toContain('Fix');
  sharedModel.moveCell(0, 2);
  await notebook.settle();
  expect(notebook.buttons('old')).toContain('Fix');
});

it('starts a fix of its own cell, whichever is the active one', async () => {
  notebook.panel.content.activeCellIndex = 0;
  notebook.fail('bad');
  await notebook.settle();
  await notebook.click('bad', 'Fix');
  expect(
    notebook.server.bodies('runs').filter(body => body.intent)
  ).toMatchObject([
    {
      intent: 'fix',
      target_cell_id: 'bad',
      active_cell_id: 'bad',
      prompt: '',
      hint_only: false
    }
  ]);
  expect(notebook.opened).toBe(0);
});

it('takes a sentence along', async () => {
  notebook.fail('bad');
  await notebook.settle();
  await notebook.click('bad', 'What should it do?');
  const input = notebook
    .cell('bad')
    .node.querySelector<HTMLInputElement>('.jp-oci-CellBar input')!;
  expect(document.activeElement).toBe(input);
  input.value = 'It should be 2';
  // In Safari this Enter ends a composition.
  const composing = { key: 'Enter', keyCode: 229, bubbles: true };
  input.dispatchEvent(new KeyboardEvent('keydown', composing));
  expect(input.isConnected).toBe(true);
  input.dispatchEvent(
    new KeyboardEvent('keydown', { key: 'Enter', bubbles: true })
  );
  await notebook.settle();
  expect(
    notebook.server.bodies('runs').filter(body => body.intent)
  ).toMatchObject([{ intent: 'fix', prompt: 'It should be 2' }]);
});

it('gives the focus back when no sentence is said after all', async () => {
  notebook.fail('bad');
  await notebook.settle();
  await notebook.click('bad', 'What should it do?');
  document.activeElement!.dispatchEvent(
    new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })
  );
  await notebook.settle();
  expect(document.activeElement).toBe(
    notebook.button('bad', 'What should it do?')
  );
});

it('shows the panel for an explanation, which is read there', async () => {
  notebook.fail('bad');
  await notebook.settle();
  await notebook.click('bad', 'Explain');
  expect(notebook.opened).toBe(1);
});

it('says what is done about its cell, and lets it be stopped', async () => {
  notebook.fail('bad');
  await notebook.fix('bad');
  notebook.server.say({
    type: 'status_changed',
    phase: 'thinking',
    detail: '',
    fraction: null,
    limit: null
  });
  await notebook.settle();
  expect(text('bad')).toBe('ThinkingStop');
  await notebook.click('bad', 'Stop');
  expect(notebook.server.bodies('runs/run-1/stop')).toHaveLength(1);
});

it('does not flash up below what the agent revises', async () => {
  await notebook.fix('bad');
  notebook.fail('good');
  await notebook.settle();
  expect(notebook.buttons('good')).toEqual([]);
  await end('gave_up', 'no_fix', 'No change was found.');
  expect(notebook.buttons('good')).toContain('Fix');
});

it('says how a fix ended, until the cell runs again or it is dismissed', async () => {
  notebook.fail('bad');
  await notebook.fix('bad');
  await end('gave_up', 'no_fix', 'No change was found.');
  expect(text('bad')).toContain('No change was found.');
  expect(notebook.buttons('bad')).toContain('Fix');
  notebook.model('bad').outputs.clear();
  notebook.fail('bad');
  await notebook.settle();
  expect(text('bad')).not.toContain('No change was found.');
});

it('says nothing of a fix that was taken back', async () => {
  await notebook.fix('bad');
  notebook.server.say(...revised('bad', 'x = 2'));
  await end('done', 'fixed', 'The cell runs now.');
  expect(text('bad')).toContain('The cell runs now.');
  const [run] = notebook.session.state.runs;
  notebook.session.undo(run.runId);
  await notebook.settle();
  expect(notebook.source('bad')).toBe('x = y');
  expect(text('bad')).toBe('');
});

it('does not tell users of what they did themselves', async () => {
  await notebook.fix('bad');
  await end('done', 'rejected', 'You rejected the fix.');
  expect(text('bad')).toBe('');
});

it('offers a hint alone where the notebook says so', async () => {
  notebook.fail('bad');
  notebook.panel.content.model!.setMetadata('jupyter_oci', {
    hint_only: true
  });
  await notebook.settle();
  expect(notebook.buttons('bad')).toEqual(['Hint']);
  await notebook.click('bad', 'Hint');
  expect(
    notebook.server.bodies('runs').filter(body => body.intent)
  ).toMatchObject([{ intent: 'hint', target_cell_id: 'bad', hint_only: true }]);
});

it('offers what its own notebook allows, whichever is in front', async () => {
  const front = jest.spyOn(notebook.session, 'state', 'get');
  front.mockReturnValue({ ...notebook.session.state, hintOnly: true });
  notebook.fail('bad');
  await notebook.settle();
  expect(notebook.buttons('bad')).toContain('Fix');
  front.mockRestore();
});

it('offers a hint alone where the administrator says so', async () => {
  notebook.close();
  const server = new FakeServer();
  server.hintOnly = true;
  notebook = await OpenedNotebook.open({ bad: 'x = y' }, server);
  notebook.fail('bad');
  await notebook.settle();
  expect(notebook.buttons('bad')).toEqual(['Hint']);
});
