/**
 * What of the agent is shown in the cells of a notebook: bars with what can be done, and proposed fixes.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { DisposableSet } from '@lumino/disposable';

import { CellBars } from './cell_bars';
import { CommandIDs } from './commands';
import { COMMAND_OF } from './fix_commands';
import { Proposals } from './proposals';
import type { Answer } from './protocol';
import type { Session } from './session';
import type { CellIntent, ISession } from './state';
import { formatKeys, RUN_CELL, runsCells } from './run_keys';
import { WaitingCell } from './waiting_cell';

/** For each notebook that is opened; what is shown goes with the notebook. */
export function showInCells(
  commands: CommandRegistry,
  trans: TranslationBundle
): Session.IOptions['attach'] {
  return ({ content: notebook }, agent, session) => {
    const open = () => run(commands, CommandIDs.open);
    const decide = deciderOf(session, open);
    return DisposableSet.from([
      new Proposals({ notebook, agent, trans, decide }),
      new WaitingCell({
        notebook,
        agent,
        runsCells: event => runsCells(commands, event),
        run: () => void decide('run').catch(() => undefined)
      }),
      new CellBars({
        notebook,
        agent,
        trans,
        hintOnly: () =>
          agent.hintOnly || (session.state.settings?.hint_only ?? false),
        start: (intent, cellId, sentence) =>
          run(commands, COMMAND_OF[intent], { cellId, sentence }),
        decide,
        stop: () => run(commands, CommandIDs.stop),
        open,
        keys: () => formatKeys(commands, RUN_CELL),
        titleOf: intent => titleOf(commands, intent)
      })
    ]);
  };
}

/** A user who decides in a cell is in that notebook: it is the session's current one. Where a decision fails, the panel says why. */
function deciderOf(
  session: ISession,
  open: () => void
): (answer: Answer, comment?: string) => Promise<void> {
  const requests = {
    run: () => session.runProposed(),
    skip: () => session.skipProposed(),
    another: (comment?: string) => session.anotherProposal(comment)
  };
  return async (answer, comment) => {
    try {
      await requests[answer](comment);
    } catch (error) {
      open();
      throw error;
    }
  };
}

/** What fails is shown by the session. */
function run(
  commands: CommandRegistry,
  id: string,
  args?: { cellId: string; sentence?: string }
): void {
  commands.execute(id, { ...args }).catch(() => undefined);
}

function titleOf(commands: CommandRegistry, intent: CellIntent): string {
  const id = COMMAND_OF[intent];
  const keys = formatKeys(commands, id);
  return keys ? `${commands.label(id)} (${keys})` : commands.label(id);
}
