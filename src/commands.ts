/**
 * The agent's commands: in the palette, behind shortcuts, and for other extensions.
 */
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { DisposableDelegate, DisposableSet } from '@lumino/disposable';

import { type IFixContext, fixCommands } from './fix_commands';
import { agentIcon } from './icons';
import type { IRunView, ISession } from './state';

export namespace CommandIDs {
  export const open = 'jupyter-oci:open';
  export const ask = 'jupyter-oci:ask';
  export const stop = 'jupyter-oci:stop';
  export const runProposed = 'jupyter-oci:run-proposed';
  export const undoRun = 'jupyter-oci:undo-run';
}

/** `open` shows the panel and puts the cursor into its prompt box. */
export type ICommandContext = IFixContext;

/** Add all of them; disposing takes them back. */
export function addCommands(
  commands: CommandRegistry,
  context: ICommandContext
): IDisposable {
  const added = new DisposableSet();
  const options = { ...commandsOf(context), ...fixCommands(context) };
  for (const [id, command] of Object.entries(options)) {
    added.add(commands.addCommand(id, command));
  }
  let shown = '';
  const refresh = () => {
    const now = JSON.stringify(decisive(context.session));
    if (now !== shown) {
      shown = now;
      Object.keys(options).forEach(id => commands.notifyCommandChanged(id));
    }
  };
  const { stateChanged } = context.session;
  stateChanged.connect(refresh);
  added.add(new DisposableDelegate(() => stateChanged.disconnect(refresh)));
  return added;
}

/** What of the state makes commands what they are: toolbars draw them anew at each change. */
function decisive({ state }: ISession): unknown[] {
  const { notebookId, unavailable, hintOnly, active, runs } = state;
  const undoable = runs.filter(isUndoable).map(run => run.runId);
  const approval = !active?.outdated && active?.approval?.approval_id;
  return [notebookId, unavailable, hintOnly, !active, approval, undoable];
}

function commandsOf({
  session,
  open,
  trans
}: ICommandContext): Record<string, CommandRegistry.ICommandOptions> {
  return {
    [CommandIDs.open]: {
      label: trans.__('Open the Notebook Agent'),
      caption: trans.__('Show the panel of the notebook agent'),
      icon: agentIcon,
      execute: open,
      describedBy: { args: schema({}) }
    },
    [CommandIDs.ask]: {
      label: trans.__('Ask the Notebook Agent'),
      caption: trans.__(
        'Send a prompt to the notebook agent, or type one when none is given'
      ),
      icon: agentIcon,
      isEnabled: () =>
        !session.state.unavailable &&
        !session.state.hintOnly &&
        !session.state.active,
      execute: async args => {
        open();
        const prompt = text(args.prompt);
        if (prompt) {
          await session.ask(prompt);
        }
      },
      describedBy: {
        args: schema({
          prompt: {
            type: 'string',
            description: trans.__('What the agent is asked to do')
          }
        })
      }
    },
    [CommandIDs.stop]: {
      label: trans.__('Stop the Notebook Agent'),
      caption: trans.__('End the run that is going on in this notebook'),
      isEnabled: () => session.state.active !== null,
      execute: () => session.stop(),
      describedBy: { args: schema({}) }
    },
    [CommandIDs.runProposed]: {
      label: trans.__('Run the Proposed Code'),
      caption: trans.__(
        'Approve the agent’s code, or accept its change, as it stands in its cell'
      ),
      isEnabled: () => {
        const { active } = session.state;
        return !!active?.approval && !active.outdated;
      },
      execute: () => session.runProposed(),
      describedBy: { args: schema({}) }
    },
    [CommandIDs.undoRun]: {
      label: trans.__('Undo the Agent’s Last Run'),
      caption: trans.__('Take back what the agent wrote into this notebook'),
      isEnabled: args => undoable(session, args) !== null,
      execute: args => {
        const runId = undoable(session, args);
        if (runId) {
          session.undo(runId);
        }
      },
      describedBy: {
        args: schema({
          runId: {
            type: 'string',
            description: trans.__('The run to undo; the last one if left out')
          }
        })
      }
    }
  };
}

function undoable(
  session: ISession,
  args: Readonly<Record<string, unknown>>
): string | null {
  const wanted = text(args.runId);
  const runs = session.state.runs.filter(
    run => isUndoable(run) && (!wanted || run.runId === wanted)
  );
  return runs.length > 0 ? runs[runs.length - 1].runId : null;
}

/** What a run still writes is not taken from under it. */
function isUndoable(run: IRunView): boolean {
  return run.undoable && run.status !== 'running';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function schema(properties: ReadonlyJSONObject): ReadonlyJSONObject {
  return { type: 'object', properties, additionalProperties: false };
}
