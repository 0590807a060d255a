import { OpenedNotebook } from './opened';
import { FakeServer } from './fake_server';
import { finished, revised, written } from './told';

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
    server.say({ ...RUNNING, detail: '', fraction: null });
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
