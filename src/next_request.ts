/**
 * A request that waits for the run before it.
 */
import { PromiseDelegate } from '@lumino/coreutils';

import type { INextRequest } from './state';

/** At most one waits; it may go when the run before it is done, and comes back when that ended otherwise. */
export class NextRequest {
  constructor(changed: () => void) {
    this._changed = changed;
  }

  get current(): INextRequest | null {
    return this._current;
  }

  /** Wait until the run is over; whether the request is to be sent then. One that waits already is taken back. */
  wait(request: INextRequest): Promise<boolean> {
    this.settle(false);
    this._current = request;
    this._over = new PromiseDelegate<boolean>();
    this._changed();
    return this._over.promise;
  }

  /** The run is over, or the user took the request back. */
  settle(isToBeSent: boolean): void {
    if (this._current) {
      this._current = null;
      this._over.resolve(isToBeSent);
      this._changed();
    }
  }

  private readonly _changed: () => void;
  private _current: INextRequest | null = null;
  private _over = new PromiseDelegate<boolean>();
}
