/**
 * What a run is doing now, in a few words.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import { formatPercent } from '../format';
import type { IRunView } from '../state';

function word(run: IRunView, trans: TranslationBundle): string {
  const attempt = run.rounds[run.rounds.length - 1]?.attempt ?? 1;
  const isRevising = attempt > 1;
  switch (run.phase) {
    case 'queued':
      return trans.__('Waiting in the queue');
    case 'loading':
      return trans.__('Loading the model');
    case 'thinking':
    case 'writing':
      if (isRevising) {
        return trans.__('Revising %1 of %2', attempt, run.maxRounds);
      }
      return run.phase === 'thinking'
        ? trans.__('Thinking')
        : trans.__('Writing cell');
    case 'running':
      return trans.__('Running');
    case 'waiting':
      return trans.__('Waiting for you');
    case 'kernel_busy':
      return trans.__('Waiting for the kernel');
  }
}

/** The phase alone: what a screen reader is told. */
export function phaseLabel(run: IRunView, trans: TranslationBundle): string {
  return word(run, trans);
}

/** The phase with its progress. */
export function phaseProgress(run: IRunView, trans: TranslationBundle): string {
  const label = word(run, trans);
  return run.fraction === null
    ? label
    : `${label} ${formatPercent(run.fraction)}`;
}
