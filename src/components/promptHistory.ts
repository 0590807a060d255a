/**
 * Walk through earlier prompts with Up and Down, as in a shell.
 */
import * as React from 'react';

export interface IPromptHistory {
  /** Whether an earlier prompt is in the box. */
  readonly isWalking: boolean;
  /** The older prompt, or null at the oldest. */
  older(): string | null;
  /** The newer prompt, and in the end the empty box; null when not walking. */
  newer(): string | null;
  /** What is in the box was typed: it is no longer an earlier prompt. */
  leave(): void;
}

export function usePromptHistory(prompts: readonly string[]): IPromptHistory {
  const position = React.useRef<number | null>(null);

  return {
    get isWalking() {
      return position.current !== null;
    },
    older: () => {
      const next = (position.current ?? prompts.length) - 1;
      if (next < 0) {
        return null;
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
      return next < prompts.length ? prompts[next] : '';
    },
    leave: () => {
      position.current = null;
    }
  };
}
