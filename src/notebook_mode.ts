/**
 * The mode of one notebook: the user's last choice shows at once, and reaches the server in the order of the clicks.
 */
import type { Client } from './client';
import type { IWaiting, Mode } from './protocol';

export class NotebookMode {
  constructor(client: Client, options: NotebookMode.IOptions) {
    this._client = client;
    this._options = options;
  }

  get current(): Mode {
    return this._chosen ?? this._held;
  }

  /**
   * Take up what the server holds, unless the user chooses meanwhile.
   *
   * Where none is chosen there, as on a server that was started anew, it is told what was chosen here, or else is `preferred`.
   */
  async takeUp(preferred: Mode | null = null): Promise<void> {
    const choices = this._choices;
    const wanted = this._isChosen ? this._held : preferred;
    const { mode, chosen } = await this._client.mode(this._options.path());
    if (choices === this._choices) {
      this._held = mode;
      this._options.changed();
      if (wanted && !chosen) {
        await this.choose(wanted);
      }
    }
  }

  /** Shown at once: a request that is sent meanwhile goes in this mode. Refused, it falls back to what the server holds. */
  choose(mode: Mode): Promise<void> {
    const choice = ++this._choices;
    this._chosen = mode;
    this._options.changed();
    const told = this._told.then(() => this._tell(mode));
    this._told = told.catch(() => undefined);
    return told.finally(() => {
      if (choice === this._choices) {
        this._chosen = null;
        this._options.changed();
      }
    });
  }

  private async _tell(mode: Mode): Promise<void> {
    const { path, waiting } = this._options;
    await this._client.setMode(path(), mode, waiting());
    this._held = mode;
    this._isChosen = true;
  }

  private readonly _client: Client;
  private readonly _options: NotebookMode.IOptions;
  /** As the server has it, as far as is known. */
  private _held: Mode = 'ask';
  /** Whether what is held was chosen here. */
  private _isChosen = false;
  /** What the server has not confirmed yet. */
  private _chosen: Mode | null = null;
  private _choices = 0;
  /** The newest choice has reached the server, or was refused. */
  private _told: Promise<void> = Promise.resolve();
}

export namespace NotebookMode {
  export interface IOptions {
    /** Where the notebook is now. */
    path(): string;
    /** What waits for the user, as they have it: edited, it is not theirs to be run unasked. */
    waiting(): IWaiting | null;
    /** Another mode is to be shown. */
    changed(): void;
  }
}
