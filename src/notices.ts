/**
 * Says that a run waits for the user, or is over, where they do not see its notebook.
 */
import { Notification } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { Message } from '@lumino/messaging';
import { MessageLoop } from '@lumino/messaging';
import { Signal } from '@lumino/signaling';

import type { NotebookSession } from './notebook_session';
import type { NoticePlace } from './preferences';
import type { RunStatus } from './protocol';
import type { IRunView } from './state';

/** Characters of a request. */
const LONGEST_PROMPT = 60;
/** Who stopped a run knows of it. */
const KINDS: Partial<Record<RunStatus, Notification.TypeOptions>> = {
  done: 'success',
  gave_up: 'warning',
  failed: 'error'
};

/** Of one notebook. */
export class Notices implements IDisposable {
  constructor(options: Notices.IOptions) {
    this._options = options;
    options.agent.changed.connect(this._onChanged, this);
    MessageLoop.installMessageHook(options.panel, this._onMessage);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      MessageLoop.removeMessageHook(this._options.panel, this._onMessage);
      this._withdraw();
      Signal.clearData(this);
    }
  }

  private _onChanged(): void {
    const run = this._options.agent.active;
    if (run) {
      this._runId = run.runId;
      this._onWaiting(run.approval?.approval_id ?? null);
    } else if (this._runId) {
      const runId = this._runId;
      this._runId = this._waiting = null;
      this._withdraw();
      this._onOver(this._options.agent.runs.find(run => run.runId === runId));
    }
  }

  private _onWaiting(approvalId: string | null): void {
    if (approvalId !== this._waiting) {
      this._waiting = approvalId;
      this._withdraw();
      if (approvalId) {
        const { agent, trans } = this._options;
        const name = PathExt.basename(agent.path);
        this._tell(trans.__('The agent waits for you in %1.', name), 'info');
      }
    }
  }

  private _onOver(run: IRunView | undefined): void {
    const kind = run && KINDS[run.status as RunStatus];
    if (kind) {
      this._tell(this._outcome(run), kind);
    }
  }

  private _outcome({ status, prompt }: IRunView): string {
    const { agent, trans } = this._options;
    const name = PathExt.basename(agent.path);
    const told =
      status === 'done'
        ? trans.__('The agent is done in %1.', name)
        : trans.__('The agent could not finish in %1.', name);
    const asked = prompt.trim().replace(/\s+/g, ' ');
    const shown =
      asked.length > LONGEST_PROMPT
        ? `${asked.slice(0, LONGEST_PROMPT)}…`
        : asked;
    return shown ? `${told} ${shown}` : told;
  }

  private _tell(message: string, kind: Notification.TypeOptions): void {
    const { isSeen, place, show, trans } = this._options;
    if (place() === 'off') {
      return;
    }
    if (!isSeen()) {
      const actions = [{ label: trans.__('Show'), callback: show }];
      const shown = { autoClose: false as const, actions };
      this._shown = Notification.emit(message, kind, shown);
    }
    if (place() === 'desktop' && document.hidden) {
      this._tellDesktop(message);
    }
  }

  /** Two pages that show the notebook say it once. */
  private _tellDesktop(message: string): void {
    if (window.Notification?.permission === 'granted') {
      const { agent, show, trans } = this._options;
      const tag = `jupyter-oci:${agent.path}`;
      const title = trans.__('Notebook agent');
      const notice = new window.Notification(title, { body: message, tag });
      notice.onclick = () => {
        window.focus();
        show();
        notice.close();
      };
    }
  }

  private _withdraw(): void {
    if (this._shown) {
      Notification.dismiss(this._shown);
      this._shown = null;
    }
  }

  /** What is seen in the notebook need not be said any more. */
  private readonly _onMessage = (_: unknown, { type }: Message): boolean => {
    if (type === 'after-show') {
      this._withdraw();
    }
    return true;
  };

  private readonly _options: Notices.IOptions;
  /** The run that goes on. */
  private _runId: string | null = null;
  /** The approval that waits. */
  private _waiting: string | null = null;
  private _shown: string | null = null;
  private _isDisposed = false;
}

/** Have the browser ask whether it may tell on the desktop, unless it did. */
export function askForDesktop(): void {
  if (window.Notification?.permission === 'default') {
    void window.Notification.requestPermission();
  }
}

export namespace Notices {
  export interface IOptions {
    panel: NotebookPanel;
    agent: NotebookSession;
    trans: TranslationBundle;
    /** Whether the page shows what could be told. */
    isSeen(): boolean;
    /** Where the user wants to be told. */
    place(): NoticePlace;
    /** Bring the notebook to the front. */
    show(): void;
  }
}
