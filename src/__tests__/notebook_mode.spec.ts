import { nullTranslator } from '@jupyterlab/translation';

import { Client } from '../client';
import { NotebookMode } from '../notebook_mode';
import { FakeServer } from './fake_server';

const PUT = 'PUT notebook';
const GET = 'GET notebook';

let server: FakeServer;
let mode: NotebookMode;

beforeEach(() => {
  server = new FakeServer();
  const client = new Client(
    server.serverSettings,
    nullTranslator.load('jupyter_oci')
  );
  mode = new NotebookMode(client, {
    path: () => 'a.ipynb',
    waiting: () => null,
    changed: () => undefined
  });
});

/** Hold an answer back until the function is called. */
function hold(key: string): () => void {
  let release = () => undefined as void;
  server.delays.set(key, new Promise<void>(resolve => (release = resolve)));
  return release;
}

function told(): unknown[] {
  return server.asked
    .filter(({ method }) => method === 'PUT')
    .map(({ body }) => body.mode);
}

it('is the one that the server holds', async () => {
  server.mode = 'suggest';
  await mode.takeUp();
  expect(mode.current).toBe('suggest');
  expect(told()).toEqual([]);
});

it('is the one that the user prefers for new notebooks, and the server is told', async () => {
  await mode.takeUp('auto');
  expect(mode.current).toBe('auto');
  expect(told()).toEqual(['auto']);
});

it('is the one that was chosen for this notebook, be it the server’s own', async () => {
  server.chosen = true;
  await mode.takeUp('auto');
  expect(mode.current).toBe('ask');
  expect(told()).toEqual([]);
});

it('is told to a server that was started anew, and knows of no choice', async () => {
  await mode.choose('auto');
  await mode.takeUp();
  expect(mode.current).toBe('auto');
  expect(told()).toEqual(['auto', 'auto']);
});

it('is the one that another page chose since', async () => {
  await mode.choose('auto');
  server.mode = 'suggest';
  server.chosen = true;
  await mode.takeUp();
  expect(mode.current).toBe('suggest');
});

it('stays as the user chose it while the server was still being asked', async () => {
  const release = hold(GET);
  const taken = mode.takeUp('suggest');
  await mode.choose('auto');
  release();
  await taken;
  expect(mode.current).toBe('auto');
  expect(told()).toEqual(['auto']);
});

it('shows at once, and reaches the server in the order of the clicks', async () => {
  const release = hold(PUT);
  const first = mode.choose('auto');
  const second = mode.choose('suggest');
  expect(mode.current).toBe('suggest');
  // The second request waits for the first one's answer.
  await new Promise(resolve => setTimeout(resolve));
  expect(told()).toEqual(['auto']);
  release();
  await Promise.all([first, second]);
  expect(told()).toEqual(['auto', 'suggest']);
  expect(mode.current).toBe('suggest');
});

it('falls back to what the server holds when it is refused', async () => {
  await mode.choose('suggest');
  server.refusals.set(PUT, { status: 403, message: 'It is locked.' });
  await expect(mode.choose('auto')).rejects.toThrow('It is locked.');
  expect(mode.current).toBe('suggest');
});

it('is not taken back by the refusal of an earlier choice', async () => {
  server.refusals.set(PUT, { status: 503, message: 'Busy.' });
  const refused = mode.choose('auto').catch(() => server.refusals.clear());
  const chosen = mode.choose('suggest');
  await Promise.all([refused, chosen]);
  expect(mode.current).toBe('suggest');
});
