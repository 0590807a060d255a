/**
 * Walk through earlier prompts with Up and Down, as in a shell.
 */
import * as React from 'react';

export interface IPromptHistory {
  /** The older prompt, or null at the oldest. `typed` is what comes back when walking down again. */
  older(typed: string): string | null;
  /** The newer prompt, and in the end what was typed; null when not walking. */
  newer(): string | null;
  /** What is in the box was typed: it is no longer an earlier prompt. */
  leave(): void;
}

export function usePromptHistory(prompts: readonly string[]): IPromptHistory {
  const position = React.useRef<number | null>(null);
  const typed = React.useRef('');

  return {
    older: text => {
      const next = (position.current ?? prompts.length) - 1;
      if (next < 0) {
        return null;
      }
      if (position.current === null) {
        typed.current = text;
      }
      position.current = next;
      return prompts[next];
    },
    newer: () => {
      if (position.current === null) {
        return null;
      }
      const next = position.current + 1;
      position.current = next < prompts.length ? next : null;
      return next < prompts.length ? prompts[next] : typed.current;
    },
    leave: () => {
      position.current = null;
    }
  };
}
