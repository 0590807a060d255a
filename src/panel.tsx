/**
 * The agent's panel: a Lumino widget that draws the session's state.
 */
import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import * as React from 'react';

import { AgentView } from './components/AgentView';
import { Drafts } from './drafts';
import { agentIcon } from './icons';
import type { ISession } from './state';

export class AgentPanel extends ReactWidget {
  constructor(options: AgentPanel.IOptions) {
    super();
    this._session = options.session;
    this._languages = options.languages;
    this._trans = options.translator.load('jupyter_oci');
    this.id = AgentPanel.ID;
    this.addClass('jp-oci-Panel');
    this.title.icon = agentIcon;
    this.title.caption = this._trans.__('Notebook agent');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', this.title.caption);
    this._session.stateChanged.connect(this.update, this);
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._session.stateChanged.disconnect(this.update, this);
    super.dispose();
  }

  /** What is typed next is to change the active cell. */
  editCell(): void {
    this._drafts.setEdit(this._session.state, true);
    this.update();
  }

  protected render(): JSX.Element {
    return (
      <AgentView
        session={this._session}
        state={this._session.state}
        languages={this._languages}
        trans={this._trans}
        drafts={this._drafts}
      />
    );
  }

  /** The model or the mode may have been changed elsewhere while nobody looked. */
  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this._session.refresh();
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    document.addEventListener('visibilitychange', this._onVisibility);
  }

  protected onBeforeDetach(message: Message): void {
    document.removeEventListener('visibilitychange', this._onVisibility);
    super.onBeforeDetach(message);
  }

  protected onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this.node.querySelector('textarea')?.focus();
  }

  private readonly _onVisibility = (): void => {
    if (!document.hidden && this.isVisible) {
      void this._session.refresh();
    }
  };

  private readonly _session: ISession;
  private readonly _languages: IEditorLanguageRegistry;
  private readonly _trans: TranslationBundle;
  private readonly _drafts = new Drafts();
}

export namespace AgentPanel {
  export const ID = 'jupyter-oci-panel';

  export interface IOptions {
    session: ISession;
    languages: IEditorLanguageRegistry;
    translator: ITranslator;
  }
}
