/**
 * A server in memory, at the other end of the page's requests and sockets: what it is asked is written down, and it says what a test says.
 */
import { ServerConnection } from '@jupyterlab/services';

import type { IRunCard, IRunRequest, RunEvent } from '../protocol';
import type { Unstamped } from './told';

const BASE_URL = 'http://server.invalid/';

export interface IAsked {
  method: string;
  route: string;
  body: Record<string, unknown>;
}

export class FakeServer {
  readonly asked: IAsked[] = [];
  hintOnly = false;

  get serverSettings(): ServerConnection.ISettings {
    return ServerConnection.makeSettings({
      baseUrl: BASE_URL,
      wsUrl: BASE_URL.replace('http', 'ws'),
      fetch: async (input: RequestInfo) => this._answer(input as Request),
      WebSocket: this._socketClass() as never
    });
  }

  /** The bodies of the requests to a route, in order. */
  bodies(route: string): Record<string, unknown>[] {
    return this.asked
      .filter(asked => asked.route === route)
      .map(asked => asked.body);
  }

  /** Say events of the newest run, numbered. */
  say(...events: Unstamped<RunEvent>[]): void {
    for (const event of events) {
      this._seq += 1;
      this._frame({ ...event, seq: this._seq, time: 1000 + this._seq });
    }
  }

  private _frame(frame: object): void {
    this._socket?.onmessage?.({ data: JSON.stringify(frame) } as MessageEvent);
  }

  private async _answer(request: Request): Promise<Response> {
    const route = new URL(request.url).pathname.replace('/jupyter-oci/', '');
    const text = await request.text();
    const body = text ? JSON.parse(text) : {};
    this.asked.push({ method: request.method, route, body });
    return new Response(JSON.stringify(this._content(request, route, body)));
  }

  private _content(request: Request, route: string, body: unknown): unknown {
    if (route === 'runs' && request.method === 'POST') {
      this._seq = 0;
      return this._card(body as IRunRequest);
    }
    switch (route) {
      case 'settings':
        return { mode: 'ask', hint_only: this.hintOnly, locked: [] };
      case 'notebook':
        return { mode: 'ask' };
      case 'models':
        return { current: '', models: [] };
      default:
        return { runs: [] };
    }
  }

  private _card({ path, prompt, kernel_id }: IRunRequest): IRunCard {
    this._runs += 1;
    return {
      run_id: `run-${this._runs}`,
      path,
      kernel_id,
      prompt,
      mode: 'ask',
      model: 'small',
      status: 'running',
      settled: false,
      started: 1000,
      last_seq: 0
    };
  }

  /** The newest socket is the one that is spoken to; it is the driver's. */
  private _socketClass() {
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const server = this;
    return class {
      constructor() {
        server._socket = this as unknown as WebSocket;
        queueMicrotask(() => server._frame({ type: 'lease', driver: true }));
      }
      onmessage: ((message: MessageEvent) => void) | null = null;
      close(): void {
        this.onmessage = null;
      }
    };
  }

  private _socket: WebSocket | null = null;
  private _seq = 0;
  private _runs = 0;
}
