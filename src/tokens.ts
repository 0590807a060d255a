/**
 * What other extensions may ask for.
 */
import { Token } from '@lumino/coreutils';

import type { ISession } from './state';

/** The agent of the current notebook. */
export const IAgentSession = new Token<ISession>(
  'jupyter-oci:IAgentSession',
  'The notebook agent: its state, and what a user can do with it.'
);
