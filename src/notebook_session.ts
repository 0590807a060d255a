/**
 * The agent's side of one open notebook: its runs, its mode, and whether a request can be sent.
 */
import type { ISessionContext } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Client } from './client';
import { findCodeCell } from './code_cells';
import { FollowedRun } from './followed_run';
import { LateOutputs } from './late_outputs';
import { waitingProposal } from './proposal';
import type {
  ApprovalDecision,
  IFixProposed,
  IPreview,
  IRunCard,
  IRunRequest,
  Mode
} from './protocol';
import { sha256 } from './sha256';
import { snapshot } from './snapshot';
import type { CellIntent, IRunView } from './state';

/** Runs of earlier days that are shown. */
const HISTORY = 30;
const METADATA_KEY = 'jupyter_oci';

/** Lives as long as the notebook is open, also while another one is looked at. */
export class NotebookSession implements IDisposable {
  constructor(options: NotebookSession.IOptions) {
    this._options = options;
    this._panel = options.panel;
    this._late = new LateOutputs(this._context);
    this._context.statusChanged.connect(this._onKernelChanged, this);
    this._context.kernelChanged.connect(this._onKernelChanged, this);
    this._panel.context.pathChanged.connect(this._onPathChanged, this);
    this._panel.content.model?.metadataChanged.connect(
      this._onMetadataChanged,
      this
    );
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get path(): string {
    return this._panel.context.localPath;
  }

  get mode(): Mode {
    return this._mode;
  }

  /** Of the kernel. */
  get language(): string {
    return this._language || 'python';
  }

  get runs(): IRunView[] {
    return [...this._runs.values()].map(run => run.view);
  }

  /** The run that is going on; at most one does. */
  get active(): IRunView | null {
    return this.runs.find(run => run.status === 'running') ?? null;
  }

  get isConnected(): boolean {
    return [...this._runs.values()].every(run => run.isConnected);
  }

  get prompts(): string[] {
    return this.runs.filter(run => run.intent === 'ask').map(run => run.prompt);
  }

  /** Why a request can't be sent now. */
  get unavailable(): string | null {
    const { trans } = this._options;
    const { session, kernelDisplayName } = this._context;
    if (!this._context.isReady) {
      return trans.__('The kernel of this notebook is being started.');
    }
    if (!session?.kernel) {
      return trans.__(
        'This notebook has no kernel. Select one to use the agent.'
      );
    }
    if (session.kernel.connectionStatus === 'disconnected') {
      return trans.__('The kernel of this notebook is disconnected.');
    }
    if (this._language && this._language !== 'python') {
      return trans.__(
        'The agent works in Python notebooks; this one runs %1.',
        kernelDisplayName
      );
    }
    return null;
  }

  /** Whether the notebook's metadata allow hints only. */
  get hintOnly(): boolean {
    const metadata = this._panel.content.model?.getMetadata(METADATA_KEY);
    return metadata?.hint_only === true;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Take up the notebook's runs: those that go on are followed, what the document has missed is brought in. */
  async start(): Promise<void> {
    await this._panel.context.ready;
    void this._context.ready.then(() => this._onKernelChanged());
    await this._takeUpMode();
    await this.takeUpRuns();
  }

  async ask(prompt: string): Promise<void> {
    await this._start(this._request(prompt));
  }

  async askAbout(
    intent: CellIntent,
    cellId: string,
    sentence = ''
  ): Promise<void> {
    await this._start({
      ...this._request(sentence, cellId),
      intent,
      target_cell_id: cellId
    });
  }

  /** Whether this page asked for a run. */
  hasAsked(runId: string): boolean {
    return this._asked.has(runId);
  }

  /** The user changed a proposed fix; this is what is accepted from now on. */
  editProposal(fixId: string, source: string): void {
    this._draft = { fixId, source };
  }

  /** The proposed fix as the user has it. */
  proposedSource(proposal: IFixProposed): string {
    return this._draft?.fixId === proposal.fix_id
      ? this._draft.source
      : proposal.source;
  }

  preview(prompt: string): Promise<IPreview> {
    return this._client.preview(this._request(prompt));
  }

  async stop(): Promise<void> {
    if (this.active) {
      await this._client.stop(this.active.runId);
    }
  }

  /** Decide on what waits: a proposed fix as the user has it, or else the cell's source as it stands. */
  async decide(decision: ApprovalDecision): Promise<void> {
    const run = this.active;
    if (!run?.approval) {
      return;
    }
    const { approval_id, cell_id, source: proposed } = run.approval;
    const proposal = waitingProposal(run);
    if (proposal && run.outdated && decision === 'run') {
      throw new Error(
        this._options.trans.__('The cell was changed. It is left as it is.')
      );
    }
    const source = proposal
      ? this.proposedSource(proposal)
      : (this._sourceOf(cell_id) ?? proposed);
    await this._client.approve(run.runId, {
      approval_id,
      decision,
      source,
      sha256: sha256(source)
    });
  }

  undo(runId: string): void {
    this._runs.get(runId)?.undo();
  }

  acceptOffered(runId: string, cellId: string): void {
    this._runs.get(runId)?.acceptOffered(cellId);
  }

  async setMode(mode: Mode): Promise<void> {
    const before = this._mode;
    // At once: a request that is sent meanwhile goes in the mode that the user chose.
    this._showMode(mode);
    try {
      await this._client.setMode(this.path, mode);
    } catch (error) {
      this._showMode(before);
      throw error;
    }
  }

  /** Forget the runs that are over. */
  async clear(): Promise<void> {
    await this._client.clearRuns(this.path);
    for (const [runId, run] of this._runs) {
      if (run.view.status !== 'running') {
        run.dispose();
        this._runs.delete(runId);
      }
    }
    this._changed.emit();
  }

  /** Insert code below the active cell, as one step that the user can undo. */
  insert(source: string): void {
    const notebook = this._panel.content;
    const shared = notebook.model?.sharedModel;
    shared?.insertCell(notebook.activeCellIndex + 1, {
      cell_type: 'code',
      source,
      metadata: {}
    });
  }

  /** The number that stands beside a code cell. */
  executionCount(cellId: string): number | null {
    const cell = findCodeCell(this._panel.content, cellId);
    return cell?.model.executionCount ?? null;
  }

  reveal(cellId: string): void {
    const notebook = this._panel.content;
    const index = notebook.widgets.findIndex(cell => cell.model.id === cellId);
    if (index >= 0) {
      notebook.deselectAll();
      notebook.activeCellIndex = index;
      void notebook.scrollToCell(notebook.widgets[index], 'smart');
    }
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._runs.forEach(run => run.dispose());
      this._late.dispose();
      Signal.clearData(this);
    }
  }

  private get _client(): Client {
    return this._options.client;
  }

  private get _context(): ISessionContext {
    return this._panel.sessionContext;
  }

  private async _start(request: IRunRequest): Promise<void> {
    const card = await this._client.start(request);
    this._asked.add(card.run_id);
    // Its announcement may have come first.
    if (!this._runs.has(card.run_id)) {
      this._add(card).start([]);
    }
  }

  private async _takeUpMode(): Promise<void> {
    const mode = await this._client.mode(this.path);
    const preferred = this._options.preferences().mode(mode);
    if (preferred !== mode) {
      await this.setMode(preferred);
    } else {
      this._showMode(mode);
    }
  }

  /** Take up the runs that this page does not know yet. */
  /** Follow the notebook's runs that are not followed yet: another page, a magic or a script may have started them. */
  async takeUpRuns(): Promise<void> {
    const cards = await this._client.runs(this.path);
    for (const card of cards.slice(-HISTORY)) {
      if (!this._runs.has(card.run_id)) {
        await this._takeUp(card);
      }
    }
  }

  private _showMode(mode: Mode): void {
    this._mode = mode;
    this._changed.emit();
  }

  private async _takeUp(card: IRunCard): Promise<void> {
    const { events } = await this._client.run(card.run_id);
    if (!this._isDisposed && !this._runs.has(card.run_id)) {
      this._add(card).start(events);
    }
  }

  private _add(card: IRunCard): FollowedRun {
    const run = new FollowedRun({
      card,
      panel: this._panel,
      client: this._client,
      late: this._late
    });
    this._runs.set(card.run_id, run);
    run.changed.connect(() => this._changed.emit());
    return run;
  }

  private _request(prompt: string, cellId?: string): IRunRequest {
    const { maxRounds } = this._options.preferences();
    return {
      path: this.path,
      kernel_id: this._context.session?.kernel?.id ?? '',
      prompt,
      ...snapshot(this._panel.content, cellId),
      language: this.language,
      client_id: this._client.clientId,
      mode: this._mode,
      hint_only: this.hintOnly,
      ...(maxRounds ? { max_rounds: maxRounds } : {})
    };
  }

  private _sourceOf(cellId: string): string | undefined {
    const cells = this._panel.content.model?.sharedModel.cells;
    return cells?.find(cell => cell.getId() === cellId)?.getSource();
  }

  private _onKernelChanged(): void {
    const kernel = this._context.session?.kernel;
    if (this._isDisposed) {
      return;
    }
    this._changed.emit();
    void kernel?.info.then(info => {
      if (!this._isDisposed && kernel === this._context.session?.kernel) {
        this._language = info.language_info.name.toLowerCase();
        this._changed.emit();
      }
    });
  }

  private _onPathChanged(): void {
    this._changed.emit();
  }

  private _onMetadataChanged(_: unknown, change: { key: string }): void {
    if (change.key === METADATA_KEY) {
      this._changed.emit();
    }
  }

  private readonly _options: NotebookSession.IOptions;
  private readonly _panel: NotebookPanel;
  private readonly _late: LateOutputs;
  private readonly _runs = new Map<string, FollowedRun>();
  private readonly _asked = new Set<string>();
  private _draft: { fixId: string; source: string } | null = null;
  private _mode: Mode = 'ask';
  /** Empty until the kernel has told. */
  private _language = '';
  private _isDisposed = false;
  private _changed = new Signal<this, void>(this);
}

export namespace NotebookSession {
  export interface IOptions {
    panel: NotebookPanel;
    client: Client;
    trans: TranslationBundle;
    preferences: () => NotebookSession.IPreferences;
  }

  /** What the user has set for all notebooks. */
  export interface IPreferences {
    /** Null: as the server has it. */
    maxRounds: number | null;
    /** The mode for a notebook of which the server gives this one. */
    mode: (mode: Mode) => Mode;
  }
}
