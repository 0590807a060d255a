/**
 * A server in memory, at the other end of the page's requests and sockets: what it is asked is written down, and it says what a test says.
 */
import { ServerConnection } from '@jupyterlab/services';

import type {
  IModels,
  IRunCard,
  IRunRequest,
  Mode,
  RunEvent
} from '../protocol';
import type { Unstamped } from './told';

const BASE_URL = 'http://server.invalid/';

export interface IAsked {
  method: string;
  route: string;
  body: Record<string, unknown>;
}

export class FakeServer {
  readonly asked: IAsked[] = [];
  /** The newest run. */
  card: IRunCard | null = null;
  /** What it said, as it keeps it. */
  events: RunEvent[] = [];
  /** As whom each socket follows, in order. */
  readonly followers: (string | null)[] = [];
  hintOnly = false;
  /** Settings that the administrator fixed. */
  locked: string[] = [];
  mode: Mode = 'ask';
  /** Whether the mode was set for the notebook. */
  chosen = false;
  models: IModels = { current: '', models: [] };
  /** Runs of earlier days. */
  history: IRunCard[] = [];
  /** What a test awaits before an answer is given: by method and route, as `GET runs`. */
  readonly delays = new Map<string, Promise<unknown>>();
  /** The answers that are refusals, by method and route. */
  readonly refusals = new Map<string, { status: number; message: string }>();

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
      this._frame(this.keep(event));
    }
  }

  /** Let the next request of a method and route have an effect. */
  once(key: string, effect: () => void): void {
    this._effects.set(key, effect);
  }

  /** Have an event of the newest run that nobody hears. */
  keep(event: Unstamped<RunEvent>): RunEvent {
    const seq = this.events.length + 1;
    const kept = { ...event, seq, time: 1000 + seq };
    this.events.push(kept);
    return kept;
  }

  /** Tell the followers of the newest run whether they drive. */
  lease(driver: boolean, sockets = this._sockets): void {
    const last_seq = this.events.length;
    this._frame({ type: 'lease', driver, last_seq }, sockets);
  }

  /** Let the sockets of the newest run be open. */
  open(): void {
    this._sockets.forEach(socket => socket.onopen?.({} as Event));
  }

  /** Close the sockets of the newest run. */
  hangUp(code: number): void {
    const close = { code } as CloseEvent;
    this._sockets.forEach(socket => socket.onclose?.(close));
  }

  private _frame(frame: object, sockets = this._sockets): void {
    const message = { data: JSON.stringify(frame) } as MessageEvent;
    sockets.forEach(socket => socket.onmessage?.(message));
  }

  private async _answer(request: Request): Promise<Response> {
    const route = new URL(request.url).pathname.replace('/jupyter-oci/', '');
    const text = await request.text();
    const body = text ? JSON.parse(text) : {};
    this.asked.push({ method: request.method, route, body });
    // As it was when the request came.
    const content = JSON.stringify(this._content(request, route, body));
    const key = `${request.method} ${route}`;
    this._effects.get(key)?.();
    this._effects.delete(key);
    await this.delays.get(key);
    const refusal = this.refusals.get(key);
    return refusal
      ? new Response(JSON.stringify(refusal), { status: refusal.status })
      : new Response(content);
  }

  private _content(request: Request, route: string, body: unknown): unknown {
    if (route === 'runs' && request.method === 'POST') {
      return this._card(body as IRunRequest);
    }
    switch (route) {
      case 'settings':
        return {
          mode: this.mode,
          hint_only: this.hintOnly,
          locked: this.locked
        };
      case 'notebook':
        return { mode: this.mode, chosen: this.chosen };
      case 'models':
        return this.models;
      case 'runs':
        return { runs: this.history };
      default:
        return { events: route === this._newest ? this.events : [] };
    }
  }

  private get _newest(): string {
    return `runs/${this.card?.run_id}`;
  }

  private _card({ path, prompt, kernel_id }: IRunRequest): IRunCard {
    this._runs += 1;
    this.events = [];
    this._sockets = [];
    this.card = {
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
    return this.card;
  }

  /** Those that follow the newest run are spoken to; the first one drives. */
  private _socketClass() {
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const server = this;
    return class {
      constructor(url: string) {
        const socket = this as unknown as WebSocket;
        const { searchParams } = new URL(url);
        server.followers.push(searchParams.get('client_id'));
        const driver = server._sockets.push(socket) === 1;
        const after = Number(searchParams.get('after'));
        queueMicrotask(() => {
          server.lease(driver, [socket]);
          server.events
            .slice(after)
            .forEach(event => server._frame(event, [socket]));
        });
      }
      onopen: ((event: Event) => void) | null = null;
      onmessage: ((message: MessageEvent) => void) | null = null;
      onclose: ((close: CloseEvent) => void) | null = null;
      close(): void {
        server._sockets = server._sockets.filter(
          socket => (socket as unknown) !== this
        );
      }
    };
  }

  private _sockets: WebSocket[] = [];
  private _runs = 0;
  private readonly _effects = new Map<string, () => void>();
}
