/**
 * The events of a run as they come, each once and in order, across lost connections.
 */
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { ConnectionFrame, ILease, RunEvent } from './protocol';

const FIRST_DELAY = 250;
const LONGEST_DELAY = 10_000;
/** Three missed pings: the connection is dead, whatever the socket says, or a picture of some MB is on a slow way. */
const SILENCE = 45_000;
/** Close codes after which there is nothing to come back for. */
const FINAL_CODES = [1000, 4404];

/** One run's event stream. */
export class EventStream implements IDisposable {
  constructor(options: EventStream.IOptions) {
    this._options = options;
    this._seq = options.after;
  }

  /** An event not seen before; `seq` grows by one from each to the next. */
  get event(): ISignal<this, RunEvent> {
    return this._event;
  }

  /** Whether this page applies the events to the document, each time the server says so. */
  get lease(): ISignal<this, ILease> {
    return this._lease;
  }

  get connectedChanged(): ISignal<this, boolean> {
    return this._connectedChanged;
  }

  /** The stream is over: the close code. */
  get ended(): ISignal<this, number> {
    return this._ended;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  start(): void {
    if (!this._isDisposed && !this._socket) {
      window.addEventListener('pagehide', this._onPageHide);
      window.addEventListener('pageshow', this._onPageShow);
      this._connect();
    }
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    window.removeEventListener('pagehide', this._onPageHide);
    window.removeEventListener('pageshow', this._onPageShow);
    clearTimeout(this._retry);
    this._drop();
    Signal.clearData(this);
  }

  private _connect(): void {
    const socket = new this._options.WebSocket(this._options.url(this._seq));
    this._socket = socket;
    socket.onopen = () => this._connectedChanged.emit(true);
    socket.onmessage = message => this._onFrame(JSON.parse(message.data));
    socket.onclose = close => this._onClose(close.code);
    this._watch();
  }

  private _onFrame(frame: RunEvent | ConnectionFrame): void {
    this._delay = FIRST_DELAY;
    this._watch();
    if (frame.type === 'lease') {
      this._lease.emit(frame);
    } else if (frame.type !== 'ping') {
      this._onEvent(frame);
    }
  }

  private _onEvent(event: RunEvent): void {
    if (event.seq <= this._seq) {
      return;
    }
    if (event.seq > this._seq + 1) {
      // Something was lost on the way: ask for it again.
      this._reconnect();
      return;
    }
    this._seq = event.seq;
    this._patience = SILENCE;
    this._event.emit(event);
  }

  private _onClose(code: number): void {
    if (FINAL_CODES.includes(code)) {
      this._drop();
      this._ended.emit(code);
    } else {
      this._reconnect();
    }
  }

  private _reconnect(): void {
    this._drop();
    this._connectedChanged.emit(false);
    clearTimeout(this._retry);
    this._retry = setTimeout(() => this._connect(), this._delay);
    this._delay = Math.min(2 * this._delay, LONGEST_DELAY);
  }

  private _watch(): void {
    clearTimeout(this._silence);
    this._silence = setTimeout(() => {
      this._patience *= 2;
      this._reconnect();
    }, this._patience);
  }

  private _drop(): void {
    clearTimeout(this._silence);
    const socket = this._socket;
    this._socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  /** A browser may keep the page that was left, with its connection: the server would take it for one that is open. */
  private readonly _onPageHide = (event: PageTransitionEvent): void => {
    if (event.persisted) {
      clearTimeout(this._retry);
      this._drop();
      this._connectedChanged.emit(false);
    }
  };

  private readonly _onPageShow = (event: PageTransitionEvent): void => {
    if (event.persisted) {
      this._connect();
    }
  };

  private readonly _options: EventStream.IOptions;
  private _seq: number;
  private _socket: WebSocket | null = null;
  private _delay = FIRST_DELAY;
  /** Doubled at each silence, so that what is long on its way comes in the end. */
  private _patience = SILENCE;
  private _retry: ReturnType<typeof setTimeout> | undefined;
  private _silence: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
  private _event = new Signal<this, RunEvent>(this);
  private _lease = new Signal<this, ILease>(this);
  private _connectedChanged = new Signal<this, boolean>(this);
  private _ended = new Signal<this, number>(this);
}

export namespace EventStream {
  export interface IOptions {
    /** The last `seq` that is known. */
    after: number;
    /** Address of the events after a `seq`. */
    url: (after: number) => string;
    WebSocket: new (url: string) => WebSocket;
  }
}
