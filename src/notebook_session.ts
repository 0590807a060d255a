/**
 * The agent's side of one open notebook: its runs, its mode, and whether a request can be sent.
 */
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { UUID } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { ChosenCell } from './chosen_cell';
import type { Client } from './client';
import { findCodeCell, insertBelow, revealCell } from './code_cells';
import { inLastRound } from './folded_run';
import { KernelState } from './kernel_state';
import { NextRequest } from './next_request';
import { NotebookMode } from './notebook_mode';
import { NotebookRuns } from './notebook_runs';
import type { IPreferences } from './preferences';
import { waitingProposal } from './proposal';
import type {
  ApprovalDecision,
  IApprovalRequested,
  IFixProposed,
  IPreview,
  IRunRequest,
  IWaiting,
  Mode
} from './protocol';
import { sha256 } from './sha256';
import { snapshot } from './snapshot';
import type { CellIntent, INextRequest, IRunView } from './state';

const METADATA_KEY = 'jupyter_oci';

/** Lives as long as the notebook is open, also while another one is looked at. */
export class NotebookSession implements IDisposable {
  constructor(options: NotebookSession.IOptions) {
    this._options = options;
    this._panel = options.panel;
    const { sessionContext, context } = options.panel;
    this._runs = new NotebookRuns({ ...options, clientId: this.id });
    this._runs.changed.connect(this._onRunsChanged, this);
    this._kernel = new KernelState(sessionContext, options.trans);
    this._kernel.changed.connect(this._emitChanged, this);
    this._mode = new NotebookMode(options.client, {
      path: () => this.path,
      waiting: () => this._waiting,
      changed: () => this._emitChanged()
    });
    this._chosen = new ChosenCell(this._panel.content);
    context.pathChanged.connect(this._emitChanged, this);
    sessionContext.propertyChanged.connect(this._onSessionChanged, this);
    this._panel.content.model?.metadataChanged.connect(
      this._onMetadataChanged,
      this
    );
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Not the path's, which changes, nor the page's: of two views of a notebook in it one applies a run. */
  readonly id = UUID.uuid4();

  get path(): string {
    return this._panel.context.localPath;
  }

  get mode(): Mode {
    return this._mode.current;
  }

  /** Of the kernel. */
  get language(): string {
    return this._kernel.language;
  }

  get runs(): IRunView[] {
    return this._runs.views.map(run => this._asEdited(run));
  }

  /** The run that is going on; at most one does. */
  get active(): IRunView | null {
    return this.runs.find(run => run.status === 'running') ?? null;
  }

  get isConnected(): boolean {
    return this._runs.isConnected;
  }

  get prompts(): string[] {
    return this.runs
      .filter(({ intent }) => intent === 'ask' || intent === 'edit')
      .map(run => run.prompt);
  }

  /** Why a request can't be sent now. */
  get unavailable(): string | null {
    return this._kernel.unavailable;
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
    await this._mode.takeUp(this._options.preferences().mode);
    await this._runs.takeUp();
  }

  /** A run has begun: perhaps from another page, where another mode was chosen. */
  async hear(): Promise<void> {
    await this._runs.takeUp();
    await this._mode.takeUp();
  }

  /** Take up the mode that the server holds: another view or page may have set it. */
  refreshMode(): Promise<void> {
    return this._mode.takeUp().catch(() => undefined);
  }

  async ask(prompt: string): Promise<void> {
    await this._runs.start(this._request(prompt));
  }

  async askAbout(
    intent: CellIntent,
    cellId: string,
    sentence = ''
  ): Promise<void> {
    await this._runs.start(this._requestAbout(intent, cellId, sentence));
  }

  /** What waits for the run that goes on. */
  get next(): INextRequest | null {
    return this._next.current;
  }

  /** Send a request once the run that goes on is done, below what that wrote; see `NextRequest.ask`. */
  askNext(request: INextRequest, check: () => Promise<void>): Promise<boolean> {
    return this._next.ask(request, check);
  }

  /** Take back what waits. */
  withdrawNext(): void {
    this._next.withdraw();
  }

  /** Whether this page asked for a run. */
  hasAsked(runId: string): boolean {
    return this._runs.hasStarted(runId);
  }

  /** The user changed a proposed fix; this is what is accepted from now on. */
  editProposal(fixId: string, source: string): void {
    this._draft = { fixId, source };
    this._changed.emit();
  }

  /** The proposed fix as the user has it. */
  proposedSource(proposal: IFixProposed): string {
    return this._draft?.fixId === proposal.fix_id
      ? this._draft.source
      : proposal.source;
  }

  preview(prompt: string, cellId: string | null): Promise<IPreview> {
    return this._client.preview(
      cellId === null
        ? this._request(prompt)
        : this._requestAbout('edit', cellId, prompt)
    );
  }

  async stop(): Promise<void> {
    if (this.active) {
      await this._client.stop(this.active.runId);
    }
  }

  /** Let the cells of the run that goes on run for as long as they need. */
  async liftLimit(): Promise<void> {
    if (this.active) {
      await this._client.liftLimit(this.active.runId);
    }
  }

  /** Decide on what waits: a proposed fix as the user has it, or else the cell's source as it stands; the comment says how another is to be. */
  async decide(decision: ApprovalDecision, comment = ''): Promise<void> {
    const run = this.active;
    const waiting = this._waiting;
    if (!run || !waiting || waiting.approval_id === this._decided) {
      return;
    }
    if (run.outdated && decision !== 'skip') {
      const { trans } = this._options;
      throw new Error(
        waitingProposal(run)
          ? trans.__('The cell was changed. It is left as it is.')
          : trans.__('The cell is no longer in the notebook.')
      );
    }
    this._decided = waiting.approval_id;
    this._approved = decision === 'run' ? run.approval!.cell_id : null;
    try {
      await this._client.approve(run.runId, {
        ...waiting,
        decision,
        ...(comment ? { comment } : {}),
        sha256: sha256(waiting.source)
      });
    } catch (error) {
      // A decision that did not arrive can be made again.
      this._decided = null;
      throw error;
    }
  }

  /** The approval that waits for exactly what stands in a cell here; a fix that differs from its cell is decided on where it is shown. */
  get asked(): IApprovalRequested | null {
    const approval = this.active?.approval ?? null;
    const cell =
      approval && findCodeCell(this._panel.content, approval.cell_id);
    const source = cell?.model.sharedModel.getSource();
    return source === this._waiting?.source ? approval : null;
  }

  /** The cell that the user has approved, until it has run. */
  get approved(): string | null {
    const round = this.active?.rounds[this.active.rounds.length - 1];
    const isOver = round?.execution && round.execution.status !== 'running';
    return round?.cellId === this._approved && !isOver ? this._approved : null;
  }

  undo(runId: string): void {
    this._runs.find(runId)?.undo();
  }

  acceptOffered(runId: string, cellId: string): void {
    this._runs.find(runId)?.acceptOffered(cellId);
  }

  keepOwn(runId: string, cellId: string): void {
    this._runs.find(runId)?.keepOwn(cellId);
  }

  setMode(mode: Mode): Promise<void> {
    return this._mode.choose(mode);
  }

  /** Forget the runs that are over. */
  clear(): Promise<void> {
    return this._runs.clear();
  }

  /** Insert code below the active cell, as one step that the user can undo. */
  insert(source: string): void {
    insertBelow(this._panel.content, source);
  }

  /** The number that stands beside a code cell. */
  executionCount(cellId: string): number | null {
    const cell = findCodeCell(this._panel.content, cellId);
    return cell?.model.executionCount ?? null;
  }

  reveal(cellId: string): Promise<void> {
    return revealCell(this._panel.content, cellId);
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._chosen.dispose();
      this._next.withdraw();
      this._runs.dispose();
      this._kernel.dispose();
      Signal.clearData(this);
    }
  }

  private get _waiting(): IWaiting | null {
    const run = this.active;
    if (!run?.approval) {
      return null;
    }
    const { approval_id } = run.approval;
    const proposal = waitingProposal(run);
    if (proposal) {
      return { approval_id, source: this.proposedSource(proposal) };
    }
    // Of a cell that is gone nothing is left: it is not run unasked in another mode.
    const { waitingSource } = this._runs.find(run.runId)!;
    return { approval_id, source: run.outdated ? '' : waitingSource };
  }

  private get _client(): Client {
    return this._options.client;
  }

  /** A waiting fix is shown as it would be accepted. */
  private _asEdited(run: IRunView): IRunView {
    const proposal = waitingProposal(run);
    return proposal
      ? inLastRound(run, () => ({ source: this.proposedSource(proposal) }))
      : run;
  }

  private _request(prompt: string, cellId?: string): IRunRequest {
    const { maxRounds, instructions } = this._options.preferences();
    return {
      path: this.path,
      kernel_id: this._kernel.kernelId,
      prompt,
      ...snapshot(this._panel.content, cellId ?? this._chosen.instead),
      language: this.language,
      client_id: this.id,
      mode: this.mode,
      hint_only: this.hintOnly,
      ...(maxRounds ? { max_rounds: maxRounds } : {}),
      ...(instructions ? { instructions } : {})
    };
  }

  private _requestAbout(
    intent: CellIntent,
    cellId: string,
    sentence: string
  ): IRunRequest {
    return {
      ...this._request(sentence, cellId),
      intent,
      target_cell_id: cellId
    };
  }

  private _onRunsChanged(): void {
    this._next.look();
    this._emitChanged();
  }

  private _emitChanged(): void {
    this._changed.emit();
  }

  /** The server knows of a renaming now: what it holds of the notebook is to come along. */
  private _onSessionChanged(_: unknown, property: string): void {
    if (property === 'path') {
      this._mode.choose(this.mode).catch(() => undefined);
      void this._runs.takeUp().catch(() => undefined);
    }
  }

  private _onMetadataChanged(_: unknown, change: { key: string }): void {
    if (change.key === METADATA_KEY) {
      this._changed.emit();
    }
  }

  private readonly _options: NotebookSession.IOptions;
  private readonly _panel: NotebookPanel;
  private readonly _kernel: KernelState;
  private readonly _mode: NotebookMode;
  private readonly _runs: NotebookRuns;
  private readonly _chosen: ChosenCell;
  private readonly _next = new NextRequest({
    runs: () => this.runs,
    changed: () => this._emitChanged(),
    send: ({ prompt, cellId }, below) =>
      cellId === null
        ? this._runs.start(this._request(prompt, below))
        : this.askAbout('edit', cellId, prompt)
  });
  /** The approval that the newest decision was about. */
  private _decided: string | null = null;
  /** The cell that it approved. */
  private _approved: string | null = null;
  private _draft: { fixId: string; source: string } | null = null;
  private _isDisposed = false;
  private _changed = new Signal<this, void>(this);
}

export namespace NotebookSession {
  export interface IOptions {
    panel: NotebookPanel;
    client: Client;
    trans: TranslationBundle;
    preferences: () => IPreferences;
  }
}
