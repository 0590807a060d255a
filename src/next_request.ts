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

/** At most one waits; it may go when the run before it is done, and comes back when that ended otherwise. */
export class NextRequest {
  constructor(changed: () => void) {
    this._changed = changed;
  }

  get current(): INextRequest | null {
    return this._current;
  }

  /** Wait until the run is over; whether the request is to be sent then. It is the current one until `end` is called. */
  wait(request: INextRequest): Promise<boolean> {
    this._current = request;
    this._isWithdrawn = false;
    this._over = new PromiseDelegate<boolean>();
    this._changed();
    return this._over.promise;
  }

  /** The run before it is over. */
  follow(run: IRunView | undefined): void {
    this._over.resolve(mayBeFollowed(run));
  }

  /** The user takes it back, or nobody is there any more; also once the run is over, for as long as it was not sent. */
  withdraw(): void {
    this._isWithdrawn = true;
    this._over.resolve(false);
  }

  get isWithdrawn(): boolean {
    return this._isWithdrawn;
  }

  /** It was sent, or not. */
  end(): void {
    this._current = null;
    this._changed();
  }

  private readonly _changed: () => void;
  private _current: INextRequest | null = null;
  private _isWithdrawn = false;
  private _over = new PromiseDelegate<boolean>();
}
