/**
 * What every part of the panel may use, without handing it down by hand.
 */
import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { ISession } from '../state';

export interface IAgentContext {
  session: ISession;
  languages: IEditorLanguageRegistry;
  trans: TranslationBundle;
  /** Language of the notebook's kernel. */
  language: string;
  /** Start a request: put text into the prompt box, in front of what stands there, and the cursor into the box. `edits`: it is to change the active cell. */
  suggest(prompt: string, edits?: boolean): void;
  /** Give the prompt box the focus, when the element that had it goes away. */
  focusPrompt(): void;
}

export const AgentContext = React.createContext<IAgentContext | null>(null);

export function useAgent(): IAgentContext {
  const context = React.useContext(AgentContext);
  if (context === null) {
    throw new Error('This component belongs inside the agent panel.');
  }
  return context;
}

/** Start a request; its failure is shown by the session as `state.error`. */
export function start(request: Promise<unknown>): void {
  request.catch(() => undefined);
}
