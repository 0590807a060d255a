/**
 * The view of a fake session in a document, and the hands of a user.
 */
import { EditorLanguageRegistry } from '@jupyterlab/codemirror';
import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';
import { act } from 'react';
import { createRoot } from 'react-dom/client';

import { AgentView } from '../components/AgentView';
import { Drafts } from '../drafts';
import type { ISessionState } from '../state';
import { FakeSession } from './fake_session';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

const languages = new EditorLanguageRegistry();

/** As React hears it. */
export function typeInto(
  box: HTMLTextAreaElement | HTMLInputElement,
  text: string
): void {
  const { set } = Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(box),
    'value'
  )!;
  set!.call(box, text);
  box.dispatchEvent(new Event('input', { bubbles: true }));
}

export class MountedView {
  constructor(readonly session: FakeSession) {
    document.body.replaceChildren(this.node);
  }

  readonly node = document.createElement('div');

  /** Draw the session's state, after `overrides`. */
  async show(overrides: Partial<ISessionState> = {}): Promise<void> {
    this.session.change(overrides);
    await act(async () => {
      this._root.render(
        <AgentView
          session={this.session}
          state={this.session.state}
          languages={languages}
          trans={nullTranslator.load('jupyter_oci')}
          drafts={this._drafts}
        />
      );
    });
  }

  async close(): Promise<void> {
    await act(async () => this._root.unmount());
    sessionStorage.clear();
  }

  get prompt(): HTMLTextAreaElement {
    return this.find<HTMLTextAreaElement>(
      'textarea[aria-label="Ask the notebook agent"]'
    );
  }

  find<T extends HTMLElement>(selector: string): T {
    const found = this.node.querySelector<T>(selector);
    if (found === null) {
      throw new Error(`Nothing matches ${selector}.`);
    }
    return found;
  }

  /** The buttons with exactly this accessible name. */
  buttons(name: string): HTMLButtonElement[] {
    return [...this.node.querySelectorAll('button')].filter(
      button =>
        (button.getAttribute('aria-label') ?? button.textContent) === name
    );
  }

  async click(name: string): Promise<void> {
    const [button] = this.buttons(name);
    await act(async () => button.click());
  }

  async type(text: string): Promise<void> {
    await act(async () => typeInto(this.prompt, text));
  }

  /** Press a key in the prompt box; returns whether the box may still act on it. */
  async press(key: string, init: KeyboardEventInit = {}): Promise<boolean> {
    let left = true;
    await act(async () => {
      left = this.prompt.dispatchEvent(
        new KeyboardEvent('keydown', {
          key,
          bubbles: true,
          cancelable: true,
          ...init
        })
      );
    });
    return left;
  }

  private readonly _drafts = new Drafts();
  private readonly _root = createRoot(this.node);
}
