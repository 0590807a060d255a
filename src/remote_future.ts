/**
 * An execution that the server started, in the form in which JupyterLab's output areas listen to one.
 */
import type { Kernel } from '@jupyterlab/services';
import { KernelMessage } from '@jupyterlab/services';
import { PromiseDelegate } from '@lumino/coreutils';

import type { IExecutionFinished, IKernelMessage } from './protocol';

type Request = KernelMessage.IExecuteRequestMsg;
type Reply = KernelMessage.IExecuteReplyMsg;
type Hook = (
  msg: KernelMessage.IIOPubMessage
) => boolean | PromiseLike<boolean>;

/** Fed with the run's events; assigned to `outputArea.future` it shows them as if the page had executed the code. */
export class RemoteFuture implements Kernel.IShellFuture<Request, Reply> {
  constructor(
    readonly executionId: string,
    code: string
  ) {
    this.msg = KernelMessage.createMessage<Request>({
      msgType: 'execute_request',
      channel: 'shell',
      session: '',
      msgId: executionId,
      content: { code }
    });
    // An output area that is replaced cancels it; nobody has to care.
    this._done.promise.catch(() => undefined);
  }

  readonly msg: Request;

  onReply: (msg: Reply) => void | PromiseLike<void> = () => undefined;

  onIOPub: (msg: KernelMessage.IIOPubMessage) => void | PromiseLike<void> =
    () => undefined;

  onStdin: (msg: KernelMessage.IStdinMessage) => void | PromiseLike<void> =
    () => undefined;

  get done(): Promise<Reply> {
    return this._done.promise;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** The kernel said something; after disposal (a newer execution has the cell) it is dropped. */
  feed(message: IKernelMessage): void {
    if (this._isDisposed) {
      return;
    }
    // Whichever of the IOPub messages it is: the types ask for one.
    const msg = KernelMessage.createMessage<KernelMessage.IStreamMsg>({
      msgType: message.msg_type as 'stream',
      channel: 'iopub',
      session: '',
      parentHeader: this.msg.header,
      content: message.content as never,
      metadata: message.metadata
    });
    if (this._hooks.every(hook => hook(msg) !== false)) {
      void this.onIOPub(msg);
    }
  }

  /** The kernel has replied. */
  finish(event: IExecutionFinished): void {
    if (this._isDisposed) {
      return;
    }
    const reply = this._reply(event);
    void this.onReply(reply);
    this._done.resolve(reply);
  }

  registerMessageHook(hook: Hook): void {
    this._hooks.unshift(hook);
  }

  removeMessageHook(hook: Hook): void {
    this._hooks = this._hooks.filter(other => other !== hook);
  }

  sendInputReply(): void {
    throw new Error('The agent’s executions do not read from the keyboard.');
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._hooks = [];
    // They hold the area that showed it.
    this.onReply = this.onIOPub = this.onStdin = () => undefined;
    this._done.reject(new Error('Canceled: the cell shows another execution.'));
  }

  private _reply(event: IExecutionFinished): Reply {
    const { status, execution_count, ename, evalue, payload } = event;
    const content =
      status === 'ok'
        ? { status, execution_count, payload, user_expressions: {} }
        : { status: 'error', execution_count, ename, evalue, traceback: [] };
    return KernelMessage.createMessage<Reply>({
      msgType: 'execute_reply',
      channel: 'shell',
      session: '',
      parentHeader: this.msg.header,
      content: content as Reply['content']
    });
  }

  private _done = new PromiseDelegate<Reply>();
  private _hooks: Hook[] = [];
  private _isDisposed = false;
}
