import { OpenedNotebook } from './opened';
import { FakeServer } from './fake_server';

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
