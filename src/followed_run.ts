/**
 * One run, followed: its card for the panel, and its projection into the notebook when this page drives it.
 */
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Client } from './client';
import { fold } from './fold';
import type { IFoldedRun } from './folded_run';
import { inRoundOf, unfolded } from './folded_run';
import type { LateOutputs } from './late_outputs';
import { Projection } from './notebook';
import { waitingProposal } from './proposal';
import type { ILease, IRunCard, IRunFinished, RunEvent } from './protocol';
import { Settlement } from './settlement';
import type { IRunView } from './state';
import type { EventStream } from './stream';

/** By document, the run that one of its views in this page applies to it. */
const applied = new WeakMap<DocumentRegistry.Context, FollowedRun>();

/** From its first event on, for as long as the notebook is open. */
export class FollowedRun implements IDisposable {
  constructor(options: FollowedRun.IOptions) {
    const { card, panel, late } = options;
    this._options = options;
    this._settlement = new Settlement(options.client, card, panel.context);
    this._view = this._folded = unfolded(card);
    this._projection = this._project(panel, late);
    panel.context.saveState.connect(this._onSaveState, this);
    panel.content.model!.contentChanged.connect(this._onContentChanged, this);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get view(): IRunView {
    return this._view;
  }

  get isConnected(): boolean {
    return this._isConnected;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** What waits for approval, as the user has it; where this page's document does not follow the run, as it was proposed. */
  get waitingSource(): string {
    const { approval } = this._folded;
    const source = approval && this._isLive && this._sourceOf(approval.cell_id);
    return typeof source === 'string' ? source : (approval?.source ?? '');
  }

  /** Take in what the run has said so far, and follow it while it goes on. */
  start(history: readonly RunEvent[]): void {
    history.forEach(event => this._take(event));
    if (this._isOver) {
      // Nobody drives a run that is over: whoever opens the notebook brings it up to date.
      this._catchUp(!this._settlement.isSettled);
      this._settleIfKept();
    } else {
      this._follow();
    }
    this._publish();
  }

  acceptOffered(cellId: string): void {
    this._projection.acceptOffered(cellId);
  }

  keepOwn(cellId: string): void {
    this._projection.keepOwn(cellId);
  }

  /** Take back what the run wrote; it is not to be replayed when the notebook is opened again. */
  undo(): void {
    this._isUndone = true;
    this._projection.undo();
    if (this._isOver) {
      this._settlement.settle();
    }
    this._publish();
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._stream?.dispose();
      this._release();
      this._projection.dispose();
      Signal.clearData(this);
    }
  }

  private get _isOver(): boolean {
    return this._folded.status !== 'running';
  }

  private get _context(): DocumentRegistry.Context {
    return this._options.panel.context;
  }

  /** Whether this view applies the run to the document. */
  private get _isDriver(): boolean {
    return applied.get(this._context) === this;
  }

  /** Whether a view in this page, perhaps another one, brings the run into the document that they show. */
  private get _isAppliedHere(): boolean {
    const driver = applied.get(this._context);
    return driver?._folded.runId === this._folded.runId;
  }

  /** Whether the document holds what the run writes and what the user makes of it, whoever brings it there. */
  private get _isLive(): boolean {
    return this._context.model.collaborative === true || this._isAppliedHere;
  }

  private _project(panel: NotebookPanel, late: LateOutputs): Projection {
    const projection = new Projection(panel, late);
    projection.changed.connect(this._publish, this);
    projection.edited.connect((_, { cellId, source }) => {
      // What another page writes into a shared document is no edit: that page tells.
      if (this._isDriver) {
        this._tell(
          this._options.client.edited(this._folded.runId, cellId, source)
        );
      }
    });
    return projection;
  }

  private _follow(): void {
    const { client, clientId } = this._options;
    const { runId } = this._folded;
    const stream = client.follow(runId, this._taken, clientId);
    stream.event.connect((_, event) => this._onEvent(event));
    stream.lease.connect((_, lease) => this._onLease(lease));
    stream.connectedChanged.connect((_, connected) => {
      this._isConnected = connected;
      if (!connected && this._context.model.collaborative) {
        // Another page may write into the document from now on.
        this._release();
      }
      this._publish();
    });
    stream.ended.connect(() => void this._onCutOff());
    stream.start();
    this._stream = stream;
  }

  private _onEvent(event: RunEvent): void {
    this._take(event);
    if (this._isDriver) {
      this._projection.apply(event);
      this._unapplied = [];
      this._isWritten = true;
    } else {
      this._takeOver();
    }
    if (event.type === 'run_finished') {
      this._onFinished();
    }
    this._publish();
  }

  private _onLease({ driver, last_seq }: ILease): void {
    if (driver) {
      this._drivesAfter = this._isFirstLease ? 0 : last_seq;
      this._takeOver();
    } else {
      this._release();
    }
    this._isFirstLease = false;
    this._publish();
  }

  /** What was missed while another page drove, this one brings into its document as a whole: it may stand there already. */
  private _takeOver(): void {
    if (!this._isDriver && this._taken >= this._drivesAfter) {
      applied.set(this._context, this);
      if (this._unapplied.length > 0) {
        this._catchUp(true);
        this._tellWaiting();
      }
    }
  }

  /** What was typed into the waiting cell in a page that is gone is gone too: it is no edit of what this document has. */
  private _tellWaiting(): void {
    const { approval, runId } = this._folded;
    if (approval) {
      const { client } = this._options;
      this._tell(client.edited(runId, approval.cell_id, this.waitingSource));
    }
  }

  private _release(): void {
    this._drivesAfter = Infinity;
    if (this._isDriver) {
      applied.delete(this._context);
    }
  }

  private _onFinished(): void {
    this._stream?.dispose();
    if (!this._isDriver) {
      const isWritten = this._isAppliedHere;
      this._catchUp(false);
      this._isWritten = isWritten;
    }
    this._settleIfKept();
  }

  /** The stream ended, and not with the run: a server that was started anew knows it only once it has read the notebook's history. */
  private async _onCutOff(): Promise<void> {
    const { client, panel } = this._options;
    const known = this._taken;
    try {
      await client.runs(panel.context.localPath);
      const { events } = await client.run(this._folded.runId);
      // A crash may have cost the history what is known here: its end counts all the same.
      events
        .filter(({ seq, type }) => seq > known || type === 'run_finished')
        .forEach(event => this._take(event));
    } catch (error) {
      console.warn(`jupyter-oci: ${error}`);
    }
    if (!this._isOver) {
      this._take(this._lost());
    }
    if (!this._isDisposed) {
      this._stream?.dispose();
      this._catchUp(this._isWritten);
      this._settleIfKept();
      this._publish();
    }
  }

  /** The end of a run of which nobody knows any more. */
  private _lost(): IRunFinished {
    return {
      type: 'run_finished',
      seq: this._taken + 1,
      time: Date.now() / 1000,
      status: 'failed',
      rounds: this._folded.rounds.length,
      reason: 'unknown_run',
      message: this._options.trans.__(
        'The Jupyter server no longer knows this run. What it wrote is kept; ask again to go on.'
      )
    };
  }

  private _catchUp(write: boolean): void {
    this._projection.catchUp(this._unapplied, write);
    this._unapplied = [];
    this._isWritten = write;
  }

  private _take(event: RunEvent): void {
    this._taken += 1;
    this._unapplied.push(event);
    this._folded = fold(this._folded, event);
  }

  /** A shared document is kept by the server as it stands: nobody saves it. */
  private _settleIfKept(): void {
    const { isEmpty } = this._projection;
    if (isEmpty || (this._isWritten && this._context.model.collaborative)) {
      this._settlement.settle();
    }
  }

  /** What came while a save was under way is not in the file, though JupyterLab takes the document for saved. */
  private _onSaveState(_: unknown, state: DocumentRegistry.SaveState): void {
    const isWhole = this._isOver && this._isWritten;
    if (state === 'started') {
      this._isSavedWhole = isWhole;
    } else if (state === 'completed' && isWhole && this._isSavedWhole) {
      this._settlement.settle();
    } else if (state === 'completed' && isWhole) {
      this._context.model.dirty = true;
    }
  }

  /** A fix is for the source that it was made for, and for no other; code that waits is shown as it stands, and for no cell that is gone. */
  private _onContentChanged(): void {
    if (
      this._isOutdated() !== this._view.outdated ||
      this.waitingSource !== this._shown
    ) {
      this._publish();
    }
  }

  private _isOutdated(): boolean {
    const { approval } = this._folded;
    const proposal = waitingProposal(this._folded);
    if (proposal || !approval) {
      return !!proposal && this._sourceOf(proposal.cell_id) !== proposal.base;
    }
    return this._isLive && this._sourceOf(approval.cell_id) === undefined;
  }

  /** What is asked about is the waiting cell as the user has it. */
  private _asItStands(): IFoldedRun {
    const { approval } = this._folded;
    const source = this.waitingSource;
    return approval && !waitingProposal(this._folded)
      ? inRoundOf(this._folded, approval.cell_id, () => ({ source }))
      : this._folded;
  }

  private _sourceOf(cellId: string): string | undefined {
    const cells = this._options.panel.content.model?.sharedModel.cells;
    const cell = cells?.find(({ id }) => id === cellId);
    return cell?.cell_type === 'code' ? cell.getSource() : undefined;
  }

  /** Nothing is lost when the server does not hear this: it asks, or is told, again. */
  private _tell(request: Promise<void>): void {
    request.catch(error => console.warn(`jupyter-oci: ${error}`));
  }

  private _publish(): void {
    const { conflicts, undoable } = this._projection;
    this._shown = this.waitingSource;
    this._view = {
      ...this._asItStands(),
      outdated: this._isOutdated(),
      conflicts,
      undoable,
      undone: this._isUndone && !undoable
    };
    this._changed.emit();
  }

  private readonly _options: FollowedRun.IOptions;
  private readonly _projection: Projection;
  private readonly _settlement: Settlement;
  /** The number of events that came. */
  private _taken = 0;
  /** Those of them that the projection does not know. */
  private _unapplied: RunEvent[] = [];
  private _isUndone = false;
  /** The number of events from which on this view is to apply the run. */
  private _drivesAfter = Infinity;
  /** A run may be far when this view joins it: what it said up to then is applied as it comes, for the user to see. */
  private _isFirstLease = true;
  /** Whether this page's document holds what the projection knows. */
  private _isWritten = false;
  private _folded: IFoldedRun;
  private _view: IRunView;
  /** Whether the save that is under way began when all of the run stood in the document. */
  private _isSavedWhole = false;
  /** The waiting source that the view has. */
  private _shown = '';
  private _stream: EventStream | null = null;
  private _isConnected = true;
  private _isDisposed = false;
  private _changed = new Signal<this, void>(this);
}

export namespace FollowedRun {
  export interface IOptions {
    card: IRunCard;
    panel: NotebookPanel;
    client: Client;
    /** Tells this view of the notebook from all others: one of them applies a run to the document. */
    clientId: string;
    late: LateOutputs;
    trans: TranslationBundle;
  }
}
