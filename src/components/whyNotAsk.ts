/**
 * Why a prompt can't be sent now.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ISessionState } from '../state';

/** A sentence; null when a prompt can be sent. */
export function whyNotAsk(
  { unavailable, hintOnly }: ISessionState,
  trans: TranslationBundle
): string | null {
  const hints = trans.__(
    'Only hints are given in this notebook: right-click a cell and choose Give a Hint for This Cell.'
  );
  return unavailable ?? (hintOnly ? hints : null);
}
