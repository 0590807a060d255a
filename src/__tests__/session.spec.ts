import { FakeServer } from './fake_server';
import { makeModel } from './fake_session';
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
    notebook.session.preferences = { mode: 'auto', maxRounds: null };
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
