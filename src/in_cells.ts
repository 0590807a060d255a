/**
 * What of the agent is shown in the cells of a notebook: bars with what can be done, and proposed fixes.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { DisposableSet } from '@lumino/disposable';

import { CellBars } from './cell_bars';
import { CommandIDs } from './commands';
import { COMMAND_OF } from './fix_commands';
import { Proposals } from './proposals';
import type { ApprovalDecision } from './protocol';
import type { Session } from './session';
import type { CellIntent, ISession } from './state';

/** For each notebook that is opened; what is shown goes with the notebook. */
export function showInCells(
  commands: CommandRegistry,
  trans: TranslationBundle
): Session.IOptions['attach'] {
  return ({ content: notebook }, agent, session) =>
    DisposableSet.from([
      new Proposals({ notebook, agent, trans, decide: deciderOf(session) }),
      new CellBars({
        notebook,
        agent,
        trans,
        hintOnly: () =>
          agent.hintOnly || (session.state.settings?.hint_only ?? false),
        start: (intent, cellId, sentence) =>
          run(commands, COMMAND_OF[intent], { cellId, sentence }),
        stop: () => run(commands, CommandIDs.stop),
        open: () => run(commands, CommandIDs.open),
        titleOf: intent => titleOf(commands, intent)
      })
    ]);
}

/** A user who decides in a cell is in that notebook: it is the session's current one. */
function deciderOf(
  session: ISession
): (decision: ApprovalDecision) => Promise<void> {
  const requests = {
    run: () => session.runProposed(),
    skip: () => session.skipProposed(),
    another: () => session.anotherProposal()
  };
  return decision => requests[decision]();
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
  const binding = commands.keyBindings.find(({ command }) => command === id);
  const keys = binding ? CommandRegistry.formatKeystroke(binding.keys) : '';
  return keys ? `${commands.label(id)} (${keys})` : commands.label(id);
}
