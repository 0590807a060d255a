/**
 * Tells the server that a run which is over stands in the notebook, as the user has it: it is not to be replayed.
 */
import type { DocumentRegistry } from '@jupyterlab/docregistry';

import type { Client } from './client';
import type { IRunCard } from './protocol';

/** Of one run. Else what the user has deleted since would be written again: where the server does not hear it, the next save tells. */
export class Settlement {
  constructor(
    client: Client,
    card: IRunCard,
    context: DocumentRegistry.Context
  ) {
    this._client = client;
    this._runId = card.run_id;
    this._context = context;
    this._isSettled = card.settled;
  }

  get isSettled(): boolean {
    return this._isSettled;
  }

  settle(): void {
    if (!this._isSettled) {
      this._isSettled = true;
      this._tell().catch(error => {
        this._isSettled = false;
        console.warn(`jupyter-oci: ${error}`);
      });
    }
  }

  /** A server that was started anew knows the run only once it has read the notebook's history. */
  private async _tell(): Promise<void> {
    try {
      await this._client.settled(this._runId);
    } catch {
      await this._client.runs(this._context.localPath);
      await this._client.settled(this._runId);
    }
  }

  private readonly _client: Client;
  private readonly _runId: string;
  private readonly _context: DocumentRegistry.Context;
  private _isSettled: boolean;
}
