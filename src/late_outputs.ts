/**
 * Outputs that come when the run has no ear for them any more: from threads after the cell ended, and display updates.
 */
import type { ISessionContext } from '@jupyterlab/apputils';
import type { KernelMessage } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

import type { RemoteFuture } from './remote_future';

/** Executions remembered as ended; older ones do not get late outputs shown. */
const REMEMBERED = 500;
/** Messages kept for executions of which the run has not told the end yet. */
const MOST_WAITING = 1000;

/** Listens to the page's own connection to the kernel. */
export class LateOutputs implements IDisposable {
  constructor(context: ISessionContext) {
    this._context = context;
    context.iopubMessage.connect(this._onMessage, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** An execution begins. Where the page's connection is not up yet, the kernel's word that it is idle may be missed. */
  expect(executionId: string): void {
    if (!this._isConnected) {
      this._unheard.add(executionId);
    }
  }

  /** From now on the execution's outputs are taken from the kernel, as soon as the kernel has said that it is idle. */
  follow(future: RemoteFuture): void {
    const { executionId } = future;
    this._futures.set(executionId, future);
    if (this._unheard.delete(executionId)) {
      this._addIdle(executionId);
    }
    const isIts = (msg: KernelMessage.IMessage) =>
      parentOf(msg) === executionId;
    this._waiting.filter(isIts).forEach(msg => this._feed(future, msg));
    this._waiting = this._waiting.filter(msg => !isIts(msg));
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._futures.clear();
      this._waiting = [];
      Signal.clearData(this);
    }
  }

  private _onMessage(_: ISessionContext, msg: KernelMessage.IMessage): void {
    this._isConnected = true;
    const parent = parentOf(msg);
    if (!parent) {
      return;
    }
    this._unheard.delete(parent);
    if (msg.header.msg_type === 'status') {
      this._onStatus(parent, msg as KernelMessage.IStatusMsg);
      return;
    }
    if (this._idle.has(parent)) {
      // What came before idle, the run's events have brought, or are about to.
      this._onLate(parent, msg);
    }
    if (msg.header.msg_type === 'update_display_data') {
      this._update(parent, msg);
    }
  }

  /** The kernel may be faster than the run's events: then the message waits for the end of its execution to be told. */
  private _onLate(parent: string, msg: KernelMessage.IMessage): void {
    const future = this._futures.get(parent);
    if (future) {
      this._feed(future, msg);
    } else if (!this._isOfThisPage(msg)) {
      this._waiting.push(msg);
      this._waiting.splice(0, this._waiting.length - MOST_WAITING);
    }
  }

  private _isOfThisPage(msg: KernelMessage.IMessage): boolean {
    const { session } = msg.parent_header as { session?: string };
    return session === this._context.session?.kernel?.clientId;
  }

  private _onStatus(parent: string, msg: KernelMessage.IStatusMsg): void {
    if (msg.content.execution_state === 'idle') {
      this._addIdle(parent);
    }
  }

  private _addIdle(parent: string): void {
    this._idle.add(parent);
    if (this._idle.size > REMEMBERED) {
      const [oldest] = this._idle;
      this._idle.delete(oldest);
      this._futures.delete(oldest);
    }
  }

  /** A display may be updated by any later cell; an area that does not have it passes the message over. */
  private _update(parent: string, msg: KernelMessage.IMessage): void {
    for (const [executionId, future] of this._futures) {
      if (executionId !== parent) {
        this._feed(future, msg);
      }
    }
  }

  private _feed(future: RemoteFuture, msg: KernelMessage.IMessage): void {
    future.feed({
      msg_type: msg.header.msg_type,
      content: msg.content as never,
      metadata: msg.metadata as never
    });
  }

  private readonly _context: ISessionContext;
  private readonly _futures = new Map<string, RemoteFuture>();
  private readonly _idle = new Set<string>();
  /** Of these nothing has come over the page's connection, which was not up when they began. */
  private readonly _unheard = new Set<string>();
  /** The kernel has been heard over the page's connection. */
  private _isConnected = false;
  private _waiting: KernelMessage.IMessage[] = [];
  private _isDisposed = false;
}

/** The execution that a message belongs to. */
function parentOf(msg: KernelMessage.IMessage): string | undefined {
  return (msg.parent_header as { msg_id?: string }).msg_id;
}
