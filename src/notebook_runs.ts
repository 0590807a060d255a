/**
 * The runs of one open notebook: those that this page starts, and those that it takes up.
 */
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Client } from './client';
import { FollowedRun } from './followed_run';
import { LateOutputs } from './late_outputs';
import type { IRunCard, IRunRequest } from './protocol';
import type { IRunView } from './state';

/** Runs of earlier days that are shown. */
const HISTORY = 30;

/** Followed for as long as the notebook is open. */
export class NotebookRuns implements IDisposable {
  constructor(options: NotebookRuns.IOptions) {
    this._options = options;
    this._late = new LateOutputs(options.panel.sessionContext);
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Oldest first: old runs are still being taken up when the first new one begins. */
  get views(): IRunView[] {
    const views = [...this._runs.values()].map(run => run.view);
    return views.sort((a, b) => a.started - b.started);
  }

  get isConnected(): boolean {
    return [...this._runs.values()].every(run => run.isConnected);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  find(runId: string): FollowedRun | undefined {
    return this._runs.get(runId);
  }

  /** Whether this page started a run. */
  hasStarted(runId: string): boolean {
    return this._started.has(runId);
  }

  async start(request: IRunRequest): Promise<void> {
    const card = await this._options.client.start(request);
    this._started.add(card.run_id);
    // Its announcement may have come first, or the notebook was closed meanwhile.
    if (!this._isDisposed && !this._runs.has(card.run_id)) {
      this._add(card).start([]);
    }
  }

  /** Follow the notebook's runs that are not followed yet: another page, a magic or a script may have started them. */
  async takeUp(): Promise<void> {
    const { client, panel } = this._options;
    const cards = await client.runs(panel.context.localPath);
    for (const card of cards.slice(-HISTORY)) {
      if (!this._runs.has(card.run_id)) {
        await this._takeUp(card);
      }
    }
  }

  /** Forget the runs that are over. */
  async clear(): Promise<void> {
    const { client, panel } = this._options;
    await client.clearRuns(panel.context.localPath);
    for (const [runId, run] of this._runs) {
      if (run.view.status !== 'running') {
        run.dispose();
        this._runs.delete(runId);
      }
    }
    this._changed.emit();
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._runs.forEach(run => run.dispose());
      this._late.dispose();
      Signal.clearData(this);
    }
  }

  private async _takeUp(card: IRunCard): Promise<void> {
    const { events } = await this._options.client.run(card.run_id);
    if (!this._isDisposed && !this._runs.has(card.run_id)) {
      this._add(card).start(events);
    }
  }

  private _add(card: IRunCard): FollowedRun {
    const run = new FollowedRun({ ...this._options, card, late: this._late });
    this._runs.set(card.run_id, run);
    run.changed.connect(() => this._changed.emit());
    return run;
  }

  private readonly _options: NotebookRuns.IOptions;
  private readonly _late: LateOutputs;
  private readonly _runs = new Map<string, FollowedRun>();
  private readonly _started = new Set<string>();
  private _isDisposed = false;
  private _changed = new Signal<this, void>(this);
}

export namespace NotebookRuns {
  export interface IOptions {
    panel: NotebookPanel;
    client: Client;
    /** Tells this view of the notebook from all others. */
    clientId: string;
    trans: TranslationBundle;
  }
}
