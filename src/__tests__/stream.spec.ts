/**
 * @jest-environment-options {"customExportConditions": ["node", "require"]}
 */
import type { AddressInfo } from 'net';
import { WebSocket as Socket, WebSocketServer } from 'ws';

import { EventStream } from '../stream';

const WebSocketClass = Socket as unknown as EventStream.IOptions['WebSocket'];

/** A server that gives each connection, by its number, what it shall say. */
class Server {
  constructor(
    private readonly answer: (socket: Socket, after: number, n: number) => void
  ) {
    this._server = new WebSocketServer({ port: 0 });
    this._server.on('connection', (socket, request) => {
      const after = Number(/after=(\d+)/.exec(request.url ?? '')?.[1]);
      this.afters.push(after);
      this.answer(socket, after, this.afters.length);
    });
  }

  readonly afters: number[] = [];

  stream(after = 0): EventStream {
    const { port } = this._server.address() as AddressInfo;
    return new EventStream({
      after,
      url: seq => `ws://127.0.0.1:${port}/?after=${seq}`,
      WebSocket: WebSocketClass
    });
  }

  close(): void {
    this._server.clients.forEach(client => client.terminate());
    this._server.close();
  }

  private readonly _server: WebSocketServer;
}

function say(socket: Socket, ...seqs: number[]): void {
  for (const seq of seqs) {
    socket.send(
      JSON.stringify({ type: 'text_delta', text: '', seq, time: seq })
    );
  }
}

/** What a stream says until it ends. */
function followed(stream: EventStream) {
  const seqs: number[] = [];
  const leases: boolean[] = [];
  stream.event.connect((_, event) => void seqs.push(event.seq));
  stream.lease.connect((_, { driver }) => void leases.push(driver));
  return new Promise<{ seqs: number[]; leases: boolean[]; code: number }>(
    resolve => {
      stream.ended.connect((_, code) => resolve({ seqs, leases, code }));
      stream.start();
    }
  );
}

let server: Server;
let stream: EventStream;

afterEach(() => {
  stream.dispose();
  server.close();
});

it('gives events in order up to the end, and says who drives', async () => {
  server = new Server(socket => {
    socket.send('{"type": "lease", "driver": true}');
    socket.send('{"type": "ping"}');
    say(socket, 1, 2);
    socket.close(1000);
  });
  stream = server.stream();
  expect(await followed(stream)).toEqual({
    seqs: [1, 2],
    leases: [true],
    code: 1000
  });
});

it('comes back after a lost connection without a gap or a duplicate', async () => {
  server = new Server((socket, after, n) => {
    if (n === 1) {
      say(socket, 1, 2);
      socket.close(1001);
    } else {
      // This server repeats itself.
      say(socket, after, after + 1);
      socket.close(1000);
    }
  });
  stream = server.stream();
  expect((await followed(stream)).seqs).toEqual([1, 2, 3]);
  expect(server.afters).toEqual([0, 2]);
});

it('asks again for an event that was lost on the way', async () => {
  server = new Server((socket, after, n) => {
    if (n === 1) {
      say(socket, 5, 7);
    } else {
      say(socket, after + 1, after + 2);
      socket.close(1000);
    }
  });
  stream = server.stream(4);
  expect((await followed(stream)).seqs).toEqual([5, 6, 7]);
});

it('ends for a run that the server does not know', async () => {
  server = new Server(socket => socket.close(4404));
  stream = server.stream();
  expect((await followed(stream)).code).toBe(4404);
  expect(server.afters).toHaveLength(1);
});

it('says nothing after it was disposed of, twice over', async () => {
  const connected = new Promise<Socket>(resolve => {
    server = new Server(socket => resolve(socket));
  });
  stream = server.stream();
  const seqs: number[] = [];
  stream.event.connect((_, event) => void seqs.push(event.seq));
  const opened = new Promise(resolve =>
    stream.connectedChanged.connect((_, open) => resolve(open))
  );
  stream.start();
  const socket = await connected;
  await opened;
  const closed = new Promise(resolve => socket.on('close', resolve));
  stream.dispose();
  stream.dispose();
  say(socket, 1);
  await closed;
  expect(seqs).toEqual([]);
});

/** Leave the page, or come back to it, as a browser that keeps it in memory says. */
function turn(type: 'pagehide' | 'pageshow', persisted: boolean): void {
  window.dispatchEvent(Object.assign(new Event(type), { persisted }));
}

it('lets go of the run while the browser keeps a page that was left, and takes it up again', async () => {
  const closed = new Promise(resolve => {
    server = new Server((socket, _, n) => {
      if (n === 1) {
        say(socket, 1);
        socket.on('close', resolve);
      } else {
        say(socket, 2);
        socket.close(1000);
      }
    });
  });
  stream = server.stream();
  const connections: boolean[] = [];
  stream.connectedChanged.connect((_, open) => void connections.push(open));
  const first = new Promise(resolve => stream.event.connect(resolve));
  const all = followed(stream);
  await first;
  turn('pagehide', true);
  await closed;
  expect(connections).toEqual([true, false]);
  turn('pageshow', true);
  expect((await all).seqs).toEqual([1, 2]);
  expect(server.afters).toEqual([0, 1]);
});

it('has one connection when the page is shown for the first time', async () => {
  server = new Server(socket => {
    say(socket, 1);
    turn('pageshow', false);
    socket.close(1000);
  });
  stream = server.stream();
  await followed(stream);
  expect(server.afters).toHaveLength(1);
});

it('gives an event that is long on its way more time at each silence', () => {
  jest.useFakeTimers();
  const opened: { onmessage?: (message: { data: string }) => void }[] = [];
  class Silent {
    constructor() {
      opened.push(this as (typeof opened)[number]);
    }
    close(): void {
      /* Nobody is there. */
    }
  }
  server = new Server(() => undefined);
  stream = new EventStream({
    after: 0,
    url: () => '',
    WebSocket: Silent as unknown as EventStream.IOptions['WebSocket']
  });
  const sayLease = () =>
    opened[opened.length - 1].onmessage?.({ data: '{"type": "lease"}' });
  stream.start();
  sayLease();
  jest.advanceTimersByTime(46_000);
  expect(opened).toHaveLength(2);
  sayLease();
  jest.advanceTimersByTime(80_000);
  expect(opened).toHaveLength(2);
  jest.advanceTimersByTime(20_000);
  expect(opened).toHaveLength(3);
  jest.useRealTimers();
});
