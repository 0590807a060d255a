/**
 * The agent of whichever notebook is looked at: one session a notebook, and what they share.
 */
import type { Cell } from '@jupyterlab/cells';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Client } from './client';
import { codeCellId } from './code_cells';
import { Models } from './models';
import { NotebookSession } from './notebook_session';
import { type IPreferences, NO_PREFERENCES } from './preferences';
import type { IPreview, ISettings, Mode, ModelAction } from './protocol';
import type {
  CellIntent,
  INextRequest,
  ISession,
  ISessionState
} from './state';

/** After a failure, in milliseconds. */
const RETRY_INTERVAL = 5000;

/** Follows the notebook tracker. */
export class Session implements ISession {
  constructor(options: Session.IOptions) {
    this._options = options;
    this._models = new Models(options.client, options.trans);
    this._models.changed.connect(this._publish, this);
    this._state = this._compose();
    this._readSettings().catch(() => undefined);
    options.tracker.currentChanged.connect(this._onCurrentChanged, this);
    options.tracker.activeCellChanged.connect(this._onActiveCellChanged, this);
    this._onCurrentChanged();
  }

  /** The user's settings; the mode is that of notebooks opened from now on. */
  preferences = NO_PREFERENCES;

  get state(): ISessionState {
    return this._state;
  }

  get stateChanged(): ISignal<this, ISessionState> {
    return this._stateChanged;
  }

  get contentChanged(): ISignal<this, void> {
    return this._contentChanged;
  }

  get activeCellId(): string | null {
    return codeCellId(this._options.tracker.activeCell);
  }

  get prompts(): readonly string[] {
    return this._current?.prompts ?? [];
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  ask(prompt: string): Promise<void> {
    return this._send(notebook => notebook.ask(prompt));
  }

  askAbout(
    intent: CellIntent,
    cellId: string,
    sentence?: string
  ): Promise<void> {
    return this._send(notebook => notebook.askAbout(intent, cellId, sentence));
  }

  askNext(request: INextRequest): Promise<boolean> {
    return this._act(() =>
      this._notebook().askNext(request, () => this._models.checkDestination())
    );
  }

  withdrawNext(): void {
    this._current?.withdrawNext();
  }

  preview(prompt: string, cellId: string | null): Promise<IPreview> {
    return this._notebook().preview(prompt, cellId);
  }

  stop(): Promise<void> {
    return this._act(() => this._notebook().stop());
  }

  liftLimit(): Promise<void> {
    return this._act(() => this._notebook().liftLimit());
  }

  runProposed(): Promise<void> {
    return this._act(() => this._notebook().decide('run'));
  }

  skipProposed(): Promise<void> {
    return this._act(() => this._notebook().decide('skip'));
  }

  anotherProposal(comment?: string): Promise<void> {
    return this._act(() => this._notebook().decide('another', comment));
  }

  undo(runId: string): void {
    this._current?.undo(runId);
  }

  acceptOffered(runId: string, cellId: string): void {
    this._current?.acceptOffered(runId, cellId);
  }

  keepOwn(runId: string, cellId: string): void {
    this._current?.keepOwn(runId, cellId);
  }

  insert(source: string): void {
    this._current?.insert(source);
  }

  executionCount(cellId: string): number | null {
    return this._current?.executionCount(cellId) ?? null;
  }

  async reveal(cellId: string): Promise<void> {
    await this._current?.reveal(cellId);
  }

  setMode(mode: Mode): Promise<void> {
    return this._act(() => this._notebook().setMode(mode));
  }

  setModel(name: string): Promise<void> {
    return this._act(() => this._models.choose(name));
  }

  modelAction(name: string, action: ModelAction): Promise<void> {
    return this._act(() => this._models.act(name, action));
  }

  async refresh(): Promise<void> {
    await Promise.all([this._models.refresh(), this._current?.refreshMode()]);
  }

  clearHistory(): Promise<void> {
    return this._act(() => this._notebook().clear());
  }

  dismissError(): void {
    this._forgetErrors();
    this._publish();
  }

  /** A run has begun in a notebook, perhaps not from this page: with another model then. */
  hear(path: string): void {
    void this._models.refresh();
    for (const session of this._sessions.values()) {
      if (session.path === path) {
        void session.hear().catch(() => undefined);
      }
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._models.dispose();
      this._sessions.forEach(session => session.dispose());
      this._sessions.clear();
      Signal.clearData(this);
    }
  }

  private get _client(): Client {
    return this._options.client;
  }

  private get _current(): NotebookSession | null {
    const panel = this._options.tracker.currentWidget;
    return (panel && this._sessions.get(panel)) ?? null;
  }

  private get _isConnected(): boolean {
    return this._current?.isConnected ?? true;
  }

  private _notebook(): NotebookSession {
    if (!this._current) {
      throw new Error(this._options.trans.__('Open a notebook first.'));
    }
    return this._current;
  }

  private async _loadSettings(): Promise<void> {
    await this._try(async () => {
      this._settings = await this._client.settings();
      this._publish();
    });
    this._try(() => this._models.read()).catch(() => undefined);
  }

  /** Send a request of the notebook that is in front now. */
  private _send(
    send: (notebook: NotebookSession) => Promise<void>
  ): Promise<void> {
    return this._act(async () => {
      const notebook = this._notebook();
      await this._models.checkDestination();
      await send(notebook);
    });
  }

  private _onCurrentChanged(): void {
    const panel = this._options.tracker.currentWidget;
    this._errors.delete(null); // it came while another notebook was looked at
    if (panel && !this._sessions.has(panel)) {
      this._open(panel);
    } else {
      void this._current?.refreshMode(); // another view may have set it
    }
    this._publish();
  }

  private _open(panel: NotebookPanel): void {
    const session = new NotebookSession({
      panel,
      client: this._client,
      trans: this._options.trans,
      preferences: () => this._allowed()
    });
    this._sessions.set(panel, session);
    session.changed.connect(this._publish, this);
    panel.content.model?.contentChanged.connect(this._onContentChanged, this);
    const inCells = this._options.attach(panel, session, this);
    panel.disposed.connect(() => {
      inCells.dispose();
      session.dispose();
      this._sessions.delete(panel);
      this._errors.delete(session);
    });
    void this._start(session);
  }

  /** Where the server does not answer, try again: its runs go on, and wait perhaps for the user. */
  private async _start(session: NotebookSession, again = false): Promise<void> {
    try {
      await this._readSettings();
      if (again) {
        this._errors.delete(null); // it was about the last try
      }
      await this._try(() => session.start());
    } catch {
      if (!session.isDisposed && !this._isDisposed) {
        setTimeout(() => void this._start(session, true), RETRY_INTERVAL);
      }
    }
  }

  private _readSettings(): Promise<void> {
    this._ready ??= this._loadSettings().catch(error => {
      this._ready = null;
      throw error;
    });
    return this._ready;
  }

  /** It may be followed for good: only an editor that is in use changes its selection. */
  private _onActiveCellChanged(_: unknown, cell: Cell | null): void {
    cell?.model.selections.changed.connect(this._onContentChanged, this);
    this._onContentChanged();
  }

  private _onContentChanged(): void {
    this._contentChanged.emit();
  }

  /** The user's preferences, without a mode where the administrator fixed it. */
  private _allowed(): IPreferences {
    const isLocked = this._settings?.locked.includes('mode') ?? true;
    return { ...this.preferences, ...(isLocked ? { mode: null } : {}) };
  }

  /** Do what the user asked for; what was shown of an earlier failure goes. */
  private _act<T>(action: () => Promise<T>): Promise<T> {
    this._forgetErrors();
    return this._try(action, this._current);
  }

  /** What the server says against it is shown, and thrown to the caller. */
  private async _try<T>(
    action: () => Promise<T>,
    about: NotebookSession | null = null
  ): Promise<T> {
    try {
      return await action();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this._errors.set(about, message);
      throw error;
    } finally {
      this._publish();
    }
  }

  private _forgetErrors(): void {
    this._errors.delete(null);
    this._errors.delete(this._current);
  }

  private _publish(): void {
    if (!this._isDisposed) {
      const wasLoading = this._state.active?.phase === 'loading';
      if (this._isConnected && !this._state.connected) {
        this._forgetErrors(); // it was about the server that did not answer
      }
      this._state = this._compose();
      this._stateChanged.emit(this._state);
      if (wasLoading !== (this._state.active?.phase === 'loading')) {
        void this._models.refresh();
      }
    }
  }

  private _compose(): ISessionState {
    const notebook = this._current;
    return {
      notebookId: notebook?.id ?? null,
      path: notebook?.path ?? null,
      unavailable: this._unavailable(notebook),
      hintOnly: notebook?.hintOnly || this._settings?.hint_only || false,
      runs: notebook?.runs ?? [],
      active: notebook?.active ?? null,
      next: notebook?.next ?? null,
      language: notebook?.language ?? 'python',
      mode: notebook?.mode ?? this._settings?.mode ?? 'ask',
      settings: this._settings,
      models: this._models.known,
      error: this._errors.get(notebook) ?? this._errors.get(null) ?? null,
      connected: this._isConnected
    };
  }

  private _unavailable(notebook: NotebookSession | null): string | null {
    return notebook
      ? notebook.unavailable
      : this._options.trans.__('Open a notebook to ask the agent.');
  }

  private readonly _options: Session.IOptions;
  private readonly _models: Models;
  private readonly _sessions = new Map<NotebookPanel, NotebookSession>();
  /** The server's settings are known; null: they could not be read. */
  private _ready: Promise<void> | null = null;
  private _settings: ISettings | null = null;
  /** What the server said against requests of a notebook, and (null) what is about none. */
  private readonly _errors = new Map<NotebookSession | null, string>();
  private _state: ISessionState;
  private _isDisposed = false;
  private _stateChanged = new Signal<this, ISessionState>(this);
  private _contentChanged = new Signal<this, void>(this);
}

export namespace Session {
  export interface IOptions {
    client: Client;
    tracker: INotebookTracker;
    trans: TranslationBundle;
    /** Show the agent in the cells of a notebook that was opened. */
    attach(
      panel: NotebookPanel,
      agent: NotebookSession,
      session: ISession
    ): IDisposable;
  }
}
