/**
 * A request that waits for the run before it.
 */
import { PromiseDelegate } from '@lumino/coreutils';

import type { INextRequest, IRunView } from './state';

/** Ends of a run that is called done, after which the user looks first: nothing was run, or nothing came of it. */
const LOOKED_AT = [
  'asks_input',
  'declined',
  'fix_inserted',
  'inserted',
  'ran',
  'rejected',
  'uncomputed'
];

/** Whether a run is over so that the next one may follow at once. */
export function mayBeFollowed(run: IRunView | undefined): boolean {
  return run?.status === 'done' && !LOOKED_AT.includes(run.reason);
}

/** At most one waits; it goes when the run before it is done, and does not when that ended otherwise. */
export class NextRequest {
  constructor(options: NextRequest.IOptions) {
    this._options = options;
  }

  get current(): INextRequest | null {
    return this._current;
  }

  /** Send a request once the newest run is over so that it may follow, and `check` has passed then. Whether it was sent. */
  async ask(
    request: INextRequest,
    check: () => Promise<void>
  ): Promise<boolean> {
    if (this._current) {
      return false;
    }
    this._current = request;
    this._isWithdrawn = false;
    this._over = new PromiseDelegate<void>();
    this._options.changed();
    this.look();
    try {
      await this._over.promise;
      if (!mayBeFollowed(this._newest)) {
        return false;
      }
      await check();
      if (this._isWithdrawn) {
        return false;
      }
      await this._options.send(request, this._newestCell);
      return true;
    } finally {
      this._current = null;
      this._options.changed();
    }
  }

  /** Look whether the newest run is over. */
  look(): void {
    if (this._newest?.status !== 'running') {
      this._over.resolve();
    }
  }

  /** The user takes it back, or nobody is there any more; also once the run is over, for as long as it was not sent. */
  withdraw(): void {
    this._isWithdrawn = true;
    this._over.resolve();
  }

  private get _newest(): IRunView | undefined {
    const runs = this._options.runs();
    return runs[runs.length - 1];
  }

  /** The last cell that the newest run wrote. */
  private get _newestCell(): string | undefined {
    const cells = this._newest?.rounds.map(round => round.cellId);
    return cells?.filter(Boolean).pop() ?? undefined;
  }

  private readonly _options: NextRequest.IOptions;
  private _current: INextRequest | null = null;
  private _isWithdrawn = false;
  private _over = new PromiseDelegate<void>();
}

export namespace NextRequest {
  export interface IOptions {
    /** Of the notebook, oldest first. */
    runs(): IRunView[];
    /** New cells go below the cell that is named, if it is there. */
    send(request: INextRequest, below: string | undefined): Promise<void>;
    changed(): void;
  }
}
