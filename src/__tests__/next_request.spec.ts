import { OpenedNotebook } from './opened';

const NEXT = { prompt: 'And then', cellId: null };

let notebook: OpenedNotebook;

const prompts = () =>
  notebook.server
    .bodies('runs')
    .map(body => body.prompt)
    .filter(Boolean);

function end(
  status: 'done' | 'gave_up' | 'stopped' | 'failed',
  reason = 'answered'
): Promise<void> {
  notebook.server.say({
    type: 'run_finished',
    status,
    rounds: 1,
    reason,
    message: ''
  });
  return notebook.settle();
}

beforeEach(async () => {
  notebook = await OpenedNotebook.open({ first: 'x', second: 'y' });
  await notebook.session.ask('First');
  await notebook.settle();
});

afterEach(() => notebook.close());

it('is sent when the run before it is done, and not before', async () => {
  const sent = notebook.session.askNext(NEXT);
  await notebook.settle();
  expect(notebook.session.state.next).toEqual(NEXT);
  expect(prompts()).toEqual(['First']);
  await end('done');
  expect(await sent).toBe(true);
  expect(prompts()).toEqual(['First', 'And then']);
  expect(notebook.session.state.next).toBeNull();
});

it('may be to change a cell', async () => {
  const sent = notebook.session.askNext({ prompt: 'Halve', cellId: 'second' });
  await end('done');
  await sent;
  expect(notebook.server.bodies('runs').pop()).toMatchObject({
    intent: 'edit',
    prompt: 'Halve',
    target_cell_id: 'second'
  });
});

it.each([
  ['gave_up', 'round_limit'],
  ['stopped', 'stopped'],
  ['failed', 'internal_error'],
  ['done', 'declined'],
  ['done', 'inserted'],
  ['done', 'asks_input']
] as const)('is not sent after a run that %s: %s', async (status, reason) => {
  const sent = notebook.session.askNext(NEXT);
  await end(status, reason);
  expect(await sent).toBe(false);
  expect(prompts()).toEqual(['First']);
  expect(notebook.session.state.next).toBeNull();
});

it('is not sent when it was taken back', async () => {
  const sent = notebook.session.askNext(NEXT);
  await notebook.settle();
  notebook.session.withdrawNext();
  expect(await sent).toBe(false);
  await end('done');
  expect(prompts()).toEqual(['First']);
});

it('is not sent when its notebook was closed', async () => {
  const sent = notebook.session.askNext(NEXT);
  await notebook.settle();
  notebook.panel.dispose();
  expect(await sent).toBe(false);
  expect(prompts()).toEqual(['First']);
});

it('is not sent when it was taken back just before', async () => {
  let release = () => undefined as void;
  const held = new Promise<void>(resolve => (release = resolve));
  notebook.server.delays.set('GET models', held);
  const sent = notebook.session.askNext(NEXT);
  await end('done');
  notebook.session.withdrawNext();
  release();
  expect(await sent).toBe(false);
  expect(prompts()).toEqual(['First']);
});

it('asks below what the run before it wrote, wherever the user is', async () => {
  const sent = notebook.session.askNext(NEXT);
  notebook.server.say(
    { type: 'round_started', round: 1, attempt: 1, revises: null },
    {
      type: 'cell_opened',
      cell_id: 'made',
      after_cell_id: 'first',
      revises: false
    }
  );
  await notebook.settle();
  notebook.panel.content.activeCellIndex = 2;
  await end('done');
  await sent;
  expect(notebook.server.bodies('runs').pop()).toMatchObject({
    prompt: 'And then',
    active_cell_id: 'made'
  });
});

it('fails as any request does, with the sentence of the server', async () => {
  const sent = notebook.session.askNext(NEXT);
  const message = 'The queue is full.';
  notebook.server.refusals.set('POST runs', { status: 429, message });
  const refused = expect(sent).rejects.toThrow(message);
  await end('done');
  await refused;
  expect(notebook.session.state.error).toBe(message);
  expect(notebook.session.state.next).toBeNull();
});

it('is sent at once when the run is over already', async () => {
  await end('done');
  expect(await notebook.session.askNext(NEXT)).toBe(true);
  expect(prompts()).toEqual(['First', 'And then']);
});
