import { NotebookActions } from '@jupyterlab/notebook';

import { OpenedNotebook } from './opened';
import { FakeServer } from './fake_server';
import { asked, begun, executed, finished, revised, written } from './told';

let server: FakeServer;
let opened: OpenedNotebook;

beforeEach(async () => {
  Element.prototype.scrollIntoView = jest.fn(); // jsdom lays nothing out
  server = new FakeServer();
  opened = await OpenedNotebook.open({ first: 'x = 1' }, server);
});

afterEach(() => opened.close());

async function ask(): Promise<void> {
  await opened.session.ask('Show x');
  await opened.settle();
}

/** As when it is announced, or the page is opened anew. */
async function takeUp(): Promise<void> {
  server.history = [server.card!];
  opened.session.hear(opened.panel.context.localPath);
  await opened.settle();
}

/** As jupyter-collaboration does. */
function share(): void {
  const { model } = opened.panel.content;
  Object.defineProperty(model, 'collaborative', { value: true });
}

it('is followed by each view of a notebook as another client: one of them writes', async () => {
  opened.openAgain();
  await opened.settle();
  await ask();
  await takeUp();
  const [starter, other] = server.followers;
  expect(server.bodies('runs')).toContainEqual(
    expect.objectContaining({ client_id: starter })
  );
  expect(other).toBeTruthy();
  expect(other).not.toBe(starter);
});

describe('a run whose server was started anew', () => {
  const RUNNING = { type: 'status_changed', phase: 'running' } as const;
  const status = () => opened.session.state.runs[0].status;

  beforeEach(async () => {
    await ask();
    server.say(...written('a', 'bad', 'first'));
  });

  it('is brought to the end that its history has', async () => {
    [...revised('a', 'good'), finished()].forEach(event => server.keep(event));
    server.hangUp(4404);
    await opened.settle();
    const asked = server.asked.slice(-2).map(({ route }) => route);
    expect(asked).toEqual(['runs', `runs/${server.card!.run_id}`]);
    expect(status()).toBe('done');
    expect(opened.session.state.active).toBeNull();
    expect(opened.source('a')).toBe('good');
  });

  it('has an end too where a crash has cost its history an event', async () => {
    server.say({ ...RUNNING, detail: '', fraction: null, limit: null });
    server.events.pop();
    server.keep(finished());
    server.hangUp(4404);
    await opened.settle();
    expect(status()).toBe('done');
  });

  it('has failed where there is no history of it', async () => {
    server.refusals.set(`GET runs/${server.card!.run_id}`, {
      status: 404,
      message: 'Unknown.'
    });
    server.hangUp(4404);
    await opened.settle();
    expect(status()).toBe('failed');
    expect(opened.source('a')).toBe('bad');
  });
});

describe('code that waits', () => {
  const ROUND = { type: 'round_started', round: 1, attempt: 1 } as const;
  const shown = () => opened.session.state.runs[0].rounds[0].source;

  async function wait(): Promise<void> {
    server.say(
      { ...ROUND, revises: null },
      ...written('a', 'try 2', 'first'),
      asked('a', 'try 2')
    );
    await opened.settle();
  }

  async function type(source: string): Promise<void> {
    opened.type('a', source);
    await new Promise(resolve => setTimeout(resolve, 200)); // until it rests
  }

  /** What is approved by *Run*. */
  async function approved(): Promise<unknown> {
    await opened.session.runProposed();
    return server.bodies(`runs/${server.card!.run_id}/approve`)[0].source;
  }

  it('is as the user has it', async () => {
    await ask();
    await wait();
    await type('mine');
    expect(shown()).toBe('mine');
    expect(await approved()).toBe('mine');
  });

  it('is not run once its cell is gone, in no mode, until it is back', async () => {
    await ask();
    await wait();
    const shared = opened.panel.content.model!.sharedModel;
    shared.deleteCell(1);
    await opened.settle();
    const [run] = opened.session.state.runs;
    expect([run.outdated, shown()]).toEqual([true, 'try 2']);
    expect(opened.commands.isEnabled('jupyter-oci:run-proposed')).toBe(false);
    await expect(opened.session.runProposed()).rejects.toThrow('no longer in');
    await opened.session.setMode('auto');
    const [body] = server.bodies('notebook').slice(-1);
    expect(body.waiting).toMatchObject({ source: '' });
    NotebookActions.undo(opened.panel.content);
    await opened.settle();
    expect(opened.session.state.runs[0].outdated).toBe(false);
    expect(await approved()).toBe('try 2');
  });

  it('may be skipped once its cell is gone', async () => {
    await ask();
    await wait();
    opened.panel.content.model!.sharedModel.deleteCell(1);
    await opened.session.skipProposed();
    const [{ decision }] = server.bodies(`runs/${server.card!.run_id}/approve`);
    expect(decision).toBe('skip');
  });

  it('is as proposed where another tab writes: this one has an older copy of the cell', async () => {
    const shared = opened.panel.content.model!.sharedModel;
    shared.addCell({ id: 'a', cell_type: 'code', source: 'try 1' });
    await ask();
    server.lease(false);
    await wait();
    expect(shown()).toBe('try 2');
    expect(await approved()).toBe('try 2');
  });

  it('is as the user has it where another tab writes into the same document', async () => {
    share();
    const { sharedModel } = opened.panel.content.model!;
    sharedModel.addCell({ id: 'a', cell_type: 'code', source: 'mine' });
    await ask();
    server.lease(false);
    await wait();
    expect(shown()).toBe('mine');
    expect(await approved()).toBe('mine');
  });

  it('is as the user has it where another view of this page writes', async () => {
    await ask();
    server.history = [server.card!];
    opened.openAgain();
    await opened.settle();
    await wait();
    await type('mine');
    expect(server.followers).toHaveLength(2);
    expect(shown()).toBe('mine');
    expect(await approved()).toBe('mine');
  });

  it('is as proposed once the page was left with an edit unsaved, and the server hears so', async () => {
    await ask();
    server.say(
      begun(),
      { ...ROUND, revises: null },
      ...written('a', 'try 2', 'first')
    );
    await type('mine');
    server.say(asked('a', 'try 2'));
    opened.close();
    opened = await OpenedNotebook.open({ first: 'x = 1' }, server);
    await takeUp();
    const edits = server.bodies(`runs/${server.card!.run_id}/edited`);
    expect(edits.map(({ source }) => source)).toEqual(['mine', 'try 2']);
    expect(shown()).toBe('try 2');
    expect(await approved()).toBe('try 2');
  });
});

describe('a run that is over and written', () => {
  const settled = () =>
    server.bodies(`runs/${server.card!.run_id}/settled`).length;

  async function run(): Promise<void> {
    await ask();
    server.say(...written('a', 'x', 'first'), finished());
    await opened.settle();
  }

  it('needs no replay once the notebook was saved', async () => {
    await run();
    expect(settled()).toBe(0);
    await opened.panel.context.save();
    await opened.settle();
    expect(settled()).toBe(1);
  });

  const settling = () => `POST runs/${server.card!.run_id}/settled`;

  it('needs none on a server that was started anew, once it has read the history', async () => {
    await run();
    server.refusals.set(settling(), { status: 404, message: 'Unknown.' });
    server.once('GET runs', () => server.refusals.clear());
    await opened.panel.context.save();
    await opened.settle();
    const asked = server.asked.map(({ method, route }) => `${method} ${route}`);
    expect(asked.slice(asked.indexOf(settling()))).toEqual([
      settling(),
      'GET runs',
      settling()
    ]);
  });

  it('is told again with the next save where the server did not hear it', async () => {
    const warned = jest.spyOn(console, 'warn').mockReturnValue();
    await run();
    server.refusals.set(settling(), { status: 503, message: 'Busy.' });
    await opened.panel.context.save();
    await opened.settle();
    const before = settled();
    server.refusals.clear();
    await opened.panel.context.save();
    await opened.settle();
    expect(settled()).toBe(before + 1);
    await opened.panel.context.save();
    await opened.settle();
    expect(settled()).toBe(before + 1);
    warned.mockRestore();
  });

  it('needs one where it was over only after the saving began', async () => {
    await ask();
    server.say(...written('a', 'x', 'first'));
    await opened.settle();
    const { context } = opened.panel;
    const end = (_: unknown, state: string) =>
      state === 'started' && server.say(finished());
    context.saveState.connect(end);
    await context.save();
    context.saveState.disconnect(end);
    await opened.settle();
    expect(settled()).toBe(0);
    expect(context.model.dirty).toBe(true);
    await context.save();
    await opened.settle();
    expect(settled()).toBe(1);
  });

  it('needs none once it was saved from another view, after the one that wrote it was closed', async () => {
    const view = opened.openAgain();
    await opened.settle();
    await ask();
    await takeUp();
    server.say(...written('a', 'x', 'first'), finished());
    await opened.settle();
    opened.agents[0].dispose();
    await view.context.save();
    await opened.settle();
    expect(settled()).toBe(1);
  });

  it('needs none in a shared document, which no page saves', async () => {
    share();
    await run();
    expect(settled()).toBe(1);
  });

  it('is left to the page that has written it', async () => {
    share();
    await ask();
    server.lease(false);
    server.say(...written('a', 'x', 'first'), finished());
    await opened.settle();
    expect(settled()).toBe(0);
  });
});

it('is shown as it comes, however far it is when this page begins to follow it', async () => {
  let answer = () => undefined as void;
  const delay = new Promise<void>(resolve => (answer = resolve));
  server.delays.set('POST runs', delay);
  const asking = ask();
  while (!server.card) {
    await opened.settle();
  }
  written('a', 'x', 'first').forEach(event => server.keep(event));
  answer();
  await asking;
  expect(opened.panel.content.activeCell?.model.id).toBe('a');
});

it('takes what another page wrote into a shared document meanwhile as the run’s', async () => {
  share();
  await ask();
  server.say(...written('a', 'one', 'first'));
  expect(opened.source('a')).toBe('one');
  server.hangUp(1006);
  const missed = [...revised('a', 'two'), ...executed('a', 'e', 1, 'x')];
  missed.forEach(event => server.keep(event));
  opened.type('a', 'two');
  opened.model('a').executionCount = 1;
  while (server.followers.length < 2) {
    await opened.settle(); // until it is connected again
  }
  await opened.settle();
  expect(opened.session.state.runs[0].conflicts).toEqual([]);
  expect(opened.source('a')).toBe('two');
  server.say(...revised('a', 'three'));
  expect(opened.source('a')).toBe('three');
});
