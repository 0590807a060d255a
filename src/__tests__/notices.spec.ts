import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';

import { askForDesktop, Notices } from '../notices';
import type { NoticePlace } from '../preferences';
import type { RunEvent, RunStatus } from '../protocol';
import { OpenedNotebook } from './opened';
import {
  approved,
  asked,
  begun,
  finished,
  revised,
  type Unstamped
} from './told';

let notebook: OpenedNotebook;
let notices: Notices;
let place: NoticePlace;
const show = jest.fn();

beforeEach(async () => {
  place = 'page';
  notebook = await OpenedNotebook.open({ new: '' });
  const { panel, agents } = notebook;
  notices = new Notices({
    panel,
    agent: agents[0],
    trans: nullTranslator.load('jupyter_oci'),
    isSeen: () => panel.isVisible,
    place: () => place,
    show
  });
  await notebook.session.ask('Show the  mean');
  await notebook.settle();
  const begin = begun() as Unstamped<RunEvent> & object;
  await say({ ...begin, prompt: 'Show the  mean' } as never);
});

afterEach(() => {
  notebook.close();
  Notification.dismiss();
  show.mockClear();
});

function say(...events: Unstamped<RunEvent>[]): Promise<void> {
  notebook.server.say(...events);
  return notebook.settle();
}

function wait(): Promise<void> {
  return say(
    { type: 'round_started', round: 1, attempt: 1, revises: 'new' },
    ...revised('new', 'x = 2'),
    asked('new', 'x = 2')
  );
}

function end(status: RunStatus = 'done'): Promise<void> {
  const event = finished() as Unstamped<RunEvent> & object;
  return say({ ...event, status } as never);
}

function told(): string[] {
  return Notification.manager.notifications.map(({ message }) => message);
}

describe('of a notebook that is not seen', () => {
  beforeEach(() => notebook.panel.hide());

  it('says that the run waits, until it was decided on', async () => {
    await wait();
    expect(told()).toEqual([
      expect.stringMatching(/waits for you in \S+\.ipynb\.$/)
    ]);
    await say(approved('x = 2'));
    expect(told()).toEqual([]);
  });

  it('says that it waits once, however often the run is told of', async () => {
    await wait();
    await say({
      type: 'status_changed',
      phase: 'waiting',
      detail: '',
      fraction: null,
      limit: null
    });
    expect(told()).toHaveLength(1);
  });

  it('brings the notebook to the front', async () => {
    await wait();
    const [{ options }] = Notification.manager.notifications;
    options.actions![0].callback(new MouseEvent('click'));
    expect(show).toHaveBeenCalledTimes(1);
  });

  it('has nothing more to say once the notebook is seen', async () => {
    await wait();
    notebook.panel.show();
    expect(told()).toEqual([]);
  });

  it.each([
    ['done', 'The agent is done in', 'success'],
    ['gave_up', 'The agent could not finish in', 'warning'],
    ['failed', 'The agent could not finish in', 'error']
  ] as const)('says how the run ended: %s', async (status, words, kind) => {
    await end(status);
    const [{ message, type }] = Notification.manager.notifications;
    expect(message).toContain(words);
    expect(message).toContain(' Show the mean');
    expect(type).toBe(kind);
  });

  it('has nothing more to say of one run when the next begins', async () => {
    await end();
    expect(told()).toHaveLength(1);
    await notebook.session.ask('And the next');
    await notebook.settle();
    expect(told()).toEqual([]);
  });

  it('says of a run that another one follows that it is over only if nothing comes of that', async () => {
    const next = { prompt: 'And then', cellId: null };
    const sent = notebook.session.askNext(next);
    await end();
    expect(await sent).toBe(true);
    expect(told()).toEqual([]);
    const refused = notebook.session.askNext(next);
    const message = 'The queue is full.';
    notebook.server.refusals.set('POST runs', { status: 429, message });
    const failed = expect(refused).rejects.toThrow(message);
    await end();
    await failed;
    await notebook.settle();
    expect(told()).toEqual([expect.stringContaining('The agent is done in')]);
  });

  it('says nothing to who rejected a fix', async () => {
    const event = finished() as Unstamped<RunEvent> & object;
    await say({ ...event, reason: 'rejected' } as never);
    expect(told()).toEqual([]);
  });

  it('says nothing to who stopped it', async () => {
    await end('stopped');
    expect(told()).toEqual([]);
  });

  it('says nothing where the user wants no notices', async () => {
    place = 'off';
    await wait();
    await end();
    expect(told()).toEqual([]);
  });

  it('has nothing more to say once the notebook is closed', async () => {
    await wait();
    notices.dispose();
    expect(told()).toEqual([]);
  });
});

it('says nothing of a notebook that is seen', async () => {
  await wait();
  await end();
  expect(told()).toEqual([]);
});

describe('on the desktop', () => {
  let hidden: jest.SpyInstance;
  const desktop = Object.assign(jest.fn(), {
    permission: 'granted',
    requestPermission: jest.fn()
  });

  beforeEach(() => {
    place = 'desktop';
    hidden = jest.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    desktop.permission = 'granted';
    desktop.requestPermission.mockClear();
    desktop.mockReset();
    desktop.mockImplementation(() => ({ close: jest.fn() }));
    Object.assign(window, { Notification: desktop });
  });

  afterEach(() => hidden.mockRestore());

  it('is told when JupyterLab is out of sight', async () => {
    await wait();
    expect(desktop).toHaveBeenCalledTimes(1);
    const [title, { body, tag }] = desktop.mock.calls[0];
    expect(title).toBe('Notebook agent');
    expect(body).toContain('waits for you');
    expect(tag).toBe('jupyter-oci:approval');
    expect(told()).toEqual([]);
  });

  it('is not told while the page is seen, or where the browser does not allow it', async () => {
    hidden.mockReturnValue(false);
    await wait();
    hidden.mockReturnValue(true);
    desktop.permission = 'denied';
    await end();
    expect(desktop).not.toHaveBeenCalled();
  });

  it('is taken back once it is answered', async () => {
    const close = jest.fn();
    desktop.mockImplementation(() => ({ close }));
    await wait();
    expect(close).not.toHaveBeenCalled();
    await say(approved('x = 2'));
    expect(close).toHaveBeenCalledTimes(1);
  });

  it('has another tag for each thing that is told: else the browser is silent', async () => {
    await wait();
    await end();
    const tags = desktop.mock.calls.map(([, { tag }]) => tag);
    expect(new Set(tags).size).toBe(2);
  });

  it('is no harm where the browser can make none', async () => {
    const warned = jest.spyOn(console, 'warn').mockReturnValue(undefined);
    desktop.mockImplementation(() => {
      throw new TypeError('Illegal constructor');
    });
    await wait();
    expect(warned).toHaveBeenCalledTimes(1);
    warned.mockRestore();
  });

  it('is allowed by a click, and where it cannot be that is said', () => {
    const trans = nullTranslator.load('jupyter_oci');
    askForDesktop(trans);
    expect(told()).toEqual([]);
    desktop.permission = 'default';
    askForDesktop(trans);
    const [{ options }] = Notification.manager.notifications;
    expect(desktop.requestPermission).not.toHaveBeenCalled();
    options.actions![0].callback(new MouseEvent('click'));
    expect(desktop.requestPermission).toHaveBeenCalledTimes(1);
    Notification.dismiss();
    desktop.permission = 'denied';
    askForDesktop(trans);
    expect(told()).toEqual([expect.stringContaining('does not let')]);
  });
});
