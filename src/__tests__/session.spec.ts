import { FakeServer } from './fake_server';
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
