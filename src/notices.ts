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

import { USERS_OWN_ENDS } from './cell_bar_state';
import { mayBeFollowed } from './next_request';
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
      this._held = null;
      if (run.runId !== this._runId) {
        this._withdraw();
      }
      this._runId = run.runId;
      this._onWaiting(run.approval?.approval_id ?? null);
    } else if (this._runId) {
      const runId = this._runId;
      this._runId = this._waiting = null;
      this._withdraw();
      this._onOver(this._options.agent.runs.find(run => run.runId === runId));
    } else if (this._held && !this._options.agent.next) {
      const held = this._held;
      this._held = null; // nothing came of the next request
      this._onOver(held);
    }
  }

  private _onWaiting(approvalId: string | null): void {
    if (approvalId !== this._waiting) {
      this._waiting = approvalId;
      this._withdraw();
      if (approvalId) {
        const { agent, trans } = this._options;
        const name = PathExt.basename(agent.path);
        const told = trans.__('The agent waits for you in %1.', name);
        this._tell(told, 'info', approvalId);
      }
    }
  }

  private _onOver(run: IRunView | undefined): void {
    const kind = run && KINDS[run.status as RunStatus];
    if (kind && !USERS_OWN_ENDS.includes(run.reason)) {
      // Of a run that another one follows at once it need not be said that it is over.
      if (this._options.agent.next && mayBeFollowed(run)) {
        this._held = run;
      } else {
        this._tell(this._outcome(run), kind, run.runId);
      }
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

  private _tell(
    message: string,
    kind: Notification.TypeOptions,
    about: string
  ): void {
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
      this._tellDesktop(message, about);
    }
  }

  /** Two pages that show the notebook say it once. */
  private _tellDesktop(message: string, about: string): void {
    if (window.Notification?.permission !== 'granted') {
      return;
    }
    const { show, trans } = this._options;
    const options = { body: message, tag: `jupyter-oci:${about}` };
    try {
      const notice = new window.Notification(
        trans.__('Notebook agent'),
        options
      );
      notice.onclick = () => {
        window.focus();
        show();
        notice.close();
      };
      this._onDesktop = notice;
    } catch (error) {
      console.warn(`jupyter-oci: ${error}`); // phones want a service worker for it
    }
  }

  private _withdraw(): void {
    if (this._shown) {
      Notification.dismiss(this._shown);
      this._shown = null;
    }
    this._onDesktop?.close();
    this._onDesktop = null;
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
  /** One that is over, and that the next request is to follow. */
  private _held: IRunView | null = null;
  private _shown: string | null = null;
  private _onDesktop: globalThis.Notification | null = null;
  private _isDisposed = false;
}

/** Have the browser ask whether it may tell on the desktop, which it does after a click alone; say so where it may not. */
export function askForDesktop(trans: TranslationBundle): void {
  const { permission } = window.Notification ?? { permission: 'denied' };
  if (permission === 'denied') {
    Notification.warning(
      trans.__(
        'The browser does not let the notebook agent tell you anything on the desktop. Allow notifications for this page, which must be on localhost or https.'
      ),
      { autoClose: false }
    );
  } else if (permission === 'default') {
    Notification.info(
      trans.__('May the notebook agent tell you on the desktop when it waits?'),
      {
        autoClose: false,
        actions: [
          {
            label: trans.__('Allow'),
            callback: () => void window.Notification.requestPermission()
          }
        ]
      }
    );
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
