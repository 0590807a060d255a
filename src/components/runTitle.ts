/**
 * What a run was asked to do, as its card says it.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import { cellName } from '../code_cells';
import type { IRunView, ISession } from '../state';

export function runTitle(
  run: IRunView,
  session: ISession,
  trans: TranslationBundle
): string {
  const { prompt, targetCellId } = run;
  const count = targetCellId ? session.executionCount(targetCellId) : null;
  const name = cellName(count, trans);
  switch (run.intent) {
    case 'ask':
      return prompt;
    case 'edit':
      return withSentence(trans.__('Change %1', name), prompt);
    case 'fix':
      return withSentence(trans.__('Fix %1', name), prompt);
    case 'explain':
      return withSentence(trans.__('Explain %1', name), prompt);
    case 'hint':
      return withSentence(trans.__('Hint for %1', name), prompt);
  }
}

function withSentence(title: string, sentence: string): string {
  return sentence ? `${title}: ${sentence}` : title;
}
