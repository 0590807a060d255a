/**
 * The kernel of a notebook, as far as the agent needs to know it: its language, and whether requests can be sent.
 */
import type { ISessionContext } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

export class KernelState implements IDisposable {
  constructor(context: ISessionContext, trans: TranslationBundle) {
    this._context = context;
    this._trans = trans;
    context.statusChanged.connect(this._onChanged, this);
    context.kernelChanged.connect(this._onChanged, this);
    void context.ready.then(() => this._onChanged());
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Empty when there is no kernel. */
  get kernelId(): string {
    return this._context.session?.kernel?.id ?? '';
  }

  get language(): string {
    return this._language || 'python';
  }

  /** Why a request can't be sent now. */
  get unavailable(): string | null {
    const trans = this._trans;
    const { isReady, hasNoKernel, session, kernelDisplayName } = this._context;
    if (!isReady && !hasNoKernel) {
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

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      Signal.clearData(this);
    }
  }

  private _onChanged(): void {
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

  private readonly _context: ISessionContext;
  private readonly _trans: TranslationBundle;
  /** Empty until the kernel has told. */
  private _language = '';
  private _isDisposed = false;
  private _changed = new Signal<this, void>(this);
}
