/**
 * The models of the server as they were last read, and where requests go with the chosen one.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Client } from './client';
import type { IModels, ModelAction, ModelState } from './protocol';
import { currentModel } from './state';

/** How often models are looked at while one changes, in milliseconds. */
const INTERVAL = 1000;
/** And after a look that failed. */
const RETRY_INTERVAL = 5000;
const PASSING_STATES: ModelState[] = ['downloading', 'loading'];

/** Read when asked, and again while one of them changes. */
export class Models implements IDisposable {
  constructor(client: Client, trans: TranslationBundle) {
    this._client = client;
    this._trans = trans;
  }

  /** Null until they were read. */
  get known(): IModels | null {
    return this._known;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Goes on while one of them changes, also after a look that failed. */
  async read(): Promise<void> {
    let interval = RETRY_INTERVAL;
    try {
      this._known = await this._client.models();
      interval = INTERVAL;
      this._changed.emit();
    } finally {
      clearTimeout(this._timer);
      if (this._isPassing && !this._isDisposed) {
        this._timer = setTimeout(() => void this.refresh(), interval);
      }
    }
  }

  /** Read them; what was known stays where that fails. */
  refresh(): Promise<void> {
    return this.read().catch(() => undefined);
  }

  async choose(name: string): Promise<void> {
    await this._client.setModel(name);
    await this.read();
  }

  async act(name: string, action: ModelAction): Promise<void> {
    await this._client.modelAction(name, action);
    await this.read();
  }

  /**
   * Nothing is sent to a server that the user has not been told of: another page or a magic may have chosen it.
   *
   * The user is told by this look, so that the request can be sent again.
   */
  async checkDestination(): Promise<void> {
    const told = this._remoteHost;
    await this.read();
    const host = this._remoteHost;
    if (host !== null && host !== told) {
      throw new Error(
        this._trans.__(
          'The model was changed: requests now go to %1. Ask again to send this there.',
          host
        )
      );
    }
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this._timer);
    Signal.clearData(this);
  }

  private get _isPassing(): boolean {
    const models = this._known?.models ?? [];
    return models.some(({ state }) => PASSING_STATES.includes(state));
  }

  /** Where text goes that leaves the machine; null while it stays. */
  private get _remoteHost(): string | null {
    const model = currentModel(this._known);
    return model && !model.is_local ? model.host : null;
  }

  private readonly _client: Client;
  private readonly _trans: TranslationBundle;
  private _known: IModels | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
  private _changed = new Signal<this, void>(this);
}
