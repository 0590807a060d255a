import { EditorLanguageRegistry } from '@jupyterlab/codemirror';
import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { AgentPanel } from '../panel';
import { NO_PREFERENCES } from '../preferences';
import { FakeServer } from './fake_server';
import { makeModel } from './fake_session';
import { typeInto } from './mounted';
import { OpenedNotebook } from './opened';

let notebook: OpenedNotebook;
let server: FakeServer;

beforeEach(() => {
  server = new FakeServer();
});

afterEach(() => notebook.close());

describe('the mode of new notebooks', () => {
  /** Open a notebook for a user who has set Auto. */
  async function open(): Promise<void> {
    let release = () => undefined as void;
    const held = new Promise<void>(resolve => (release = resolve));
    server.delays.set('GET settings', held);
    notebook = await OpenedNotebook.open({}, server);
    notebook.session.preferences = {
      ...NO_PREFERENCES,
      mode: 'auto'
    };
    release();
    await notebook.settle();
  }

  it('holds where none was chosen', async () => {
    await open();
    expect(notebook.session.state.mode).toBe('auto');
  });

  it('leaves the server’s own to the notebook for which it was chosen', async () => {
    server.chosen = true;
    await open();
    expect(notebook.session.state.mode).toBe('ask');
    expect(server.asked.filter(({ method }) => method === 'PUT')).toEqual([]);
  });

  it('is not tried where the administrator fixed the mode', async () => {
    server.locked = ['mode'];
    await open();
    expect(notebook.session.state.mode).toBe('ask');
    expect(server.asked.filter(({ method }) => method === 'PUT')).toEqual([]);
  });
});

it('shows the mode that another page or view has set, once the notebook is looked at again', async () => {
  notebook = await OpenedNotebook.open({}, server);
  server.chosen = true;
  server.mode = 'auto';
  await notebook.session.refresh();
  expect(notebook.session.state.mode).toBe('auto');
  notebook.openAgain();
  await notebook.settle();
  server.mode = 'suggest';
  notebook.panel.node.dispatchEvent(new FocusEvent('focus'));
  await notebook.settle();
  expect(notebook.session.state.mode).toBe('suggest');
});

it('takes up a notebook as soon as the server answers', async () => {
  const timer = jest.spyOn(window, 'setTimeout');
  server.refusals.set('GET settings', { status: 504, message: 'Timed out.' });
  server.mode = 'auto';
  notebook = await OpenedNotebook.open({}, server);
  expect(notebook.session.state.error).toBe('Timed out.');
  server.refusals.clear();
  const [again] = timer.mock.calls.find(([, delay]) => delay === 5000)!;
  (again as () => void)();
  await notebook.settle();
  expect(notebook.session.state).toMatchObject({ mode: 'auto', error: null });
  jest.restoreAllMocks();
});

describe('a model that is being loaded', () => {
  /** The page looks again as soon as it may. */
  let look: () => Promise<void>;

  function say(fraction: number): void {
    const model = makeModel({ state: 'loading', fraction });
    server.models = { current: model.name, models: [model] };
  }

  beforeEach(async () => {
    say(0.1);
    const timer = jest.spyOn(window, 'setTimeout');
    notebook = await OpenedNotebook.open({}, server);
    look = async () => {
      const set = timer.mock.calls.splice(0);
      const [again] = set.find(([, delay]) => delay! >= 1000)!;
      (again as () => void)();
      await notebook.settle();
    };
  });

  afterEach(() => jest.restoreAllMocks());

  it('is looked at again after a look that failed, and nothing is said of it', async () => {
    server.refusals.set('GET models', { status: 503, message: 'Busy.' });
    await look();
    expect(notebook.session.state.error).toBeNull();
    server.refusals.clear();
    say(0.9);
    await look();
    expect(notebook.session.state.models?.models[0].fraction).toBe(0.9);
  });
});

describe('a model that was changed elsewhere', () => {
  function choose(overrides: Parameters<typeof makeModel>[0]): void {
    const model = makeModel(overrides);
    server.models = { current: model.name, models: [model] };
  }

  function asked(): number {
    return server.bodies('runs').filter(({ prompt }) => prompt).length;
  }

  beforeEach(async () => {
    choose({ name: 'here' });
    notebook = await OpenedNotebook.open({ cell: 'x = y' }, server);
    choose({ name: 'there', host: 'vllm.example:8000', is_local: false });
  });

  it('is shown before a request is sent to its server, and the next one goes there', async () => {
    const { session } = notebook;
    await expect(session.ask('Plot it')).rejects.toThrow('vllm.example:8000');
    expect(session.state.models?.current).toBe('there');
    expect(session.state.error).toContain('vllm.example:8000');
    expect(asked()).toBe(0);
    await session.ask('Plot it');
    expect(asked()).toBe(1);
  });

  it('is shown before a cell is sent there', async () => {
    const fix = notebook.session.askAbout('fix', 'cell', 'It should be 2');
    await expect(fix).rejects.toThrow('vllm.example:8000');
    expect(asked()).toBe(0);
  });

  it('holds nothing back that stays here', async () => {
    choose({ name: 'other', host: 'localhost:11434' });
    await notebook.session.ask('Plot it');
    expect(asked()).toBe(1);
  });

  it('is shown when a run begins elsewhere', async () => {
    notebook.session.hear('other.ipynb');
    await notebook.settle();
    expect(notebook.session.state.models?.current).toBe('there');
  });
});

it('says no more that the server does not answer, once it does', async () => {
  notebook = await OpenedNotebook.open({ one: 'x = 1' }, server);
  const { session } = notebook;
  await session.ask('Show x');
  await notebook.settle();
  server.hangUp(1006);
  const stop = `POST runs/${server.card!.run_id}/stop`;
  server.refusals.set(stop, { status: 503, message: 'No answer.' });
  await session.stop().catch(() => undefined);
  expect(session.state.connected).toBe(false);
  expect(session.state.error).toBe('No answer.');
  server.refusals.clear();
  while (server.followers.length < 2) {
    await notebook.settle(); // until it is connected again
  }
  server.open();
  expect(session.state.connected).toBe(true);
  expect(session.state.error).toBeNull();
});

it('keeps what was typed for a notebook that is renamed', async () => {
  notebook = await OpenedNotebook.open({}, server);
  const panel = new AgentPanel({
    session: notebook.session,
    languages: new EditorLanguageRegistry(),
    translator: nullTranslator
  });
  Widget.attach(panel, document.body);
  await notebook.settle();
  const box = () => panel.node.querySelector('textarea')!;
  typeInto(box(), 'Plot it');
  await notebook.panel.context.rename('renamed.ipynb');
  await notebook.settle();
  expect(notebook.panel.context.localPath).toBe('renamed.ipynb');
  expect(box().value).toBe('Plot it');
  panel.dispose();
});

describe('what a request carries of the notebook', () => {
  let changes: number;

  beforeEach(async () => {
    notebook = await OpenedNotebook.open({ one: 'x = 1', two: 'y' }, server);
    notebook.session.contentChanged.connect(() => changes++);
    changes = 0;
  });

  it('changes with the active cell', () => {
    notebook.panel.content.activeCellIndex = 1;
    expect(changes).toBeGreaterThan(0);
  });

  it('changes with what is written and shown in a cell', () => {
    notebook.type('two', 'y = 2');
    const written = changes;
    expect(written).toBeGreaterThan(0);
    notebook.fail('two');
    expect(changes).toBeGreaterThan(written);
  });

  it('changes with what is selected', () => {
    notebook.panel.content.activeCellIndex = 1;
    const editor = notebook.cell('two').editor!;
    editor.focus();
    changes = 0;
    editor.setSelection({
      start: { line: 0, column: 0 },
      end: { line: 0, column: 1 }
    });
    expect(changes).toBeGreaterThan(0);
  });
});

it('asks for a notebook that is closed before the server has answered', async () => {
  notebook = await OpenedNotebook.open({ cell: 'x = 1' }, server);
  let release = () => undefined as void;
  const held = new Promise<void>(resolve => (release = resolve));
  server.delays.set('POST runs', held);
  const asked = notebook.session.ask('Plot it');
  await notebook.settle();
  notebook.panel.dispose();
  release();
  await expect(asked).resolves.toBeUndefined();
});

it('sends the user’s instructions with each request', async () => {
  notebook = await OpenedNotebook.open({ one: 'x = 1' }, server);
  const { session } = notebook;
  await session.ask('Show x');
  session.preferences = { ...NO_PREFERENCES, instructions: 'Use seaborn.' };
  await session.preview('Plot it', null);
  expect(server.bodies('runs')[0]).not.toHaveProperty('instructions');
  const [previewed] = server.bodies('preview');
  expect(previewed.instructions).toBe('Use seaborn.');
});
