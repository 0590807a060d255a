/**
 * The commands about one cell: edit, fix, explain, hint. Toolbar, menus, palette, shortcuts and the bar below an error all run these.
 */
import { InputDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { editIcon, type LabIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';

import { explainIcon, fixIcon, hintIcon } from './icons';
import type { CellIntent, ISession } from './state';

export namespace FixCommandIDs {
  export const edit = 'jupyter-oci:edit-cell';
  export const fix = 'jupyter-oci:fix-cell';
  export const explain = 'jupyter-oci:explain-cell';
  export const hint = 'jupyter-oci:hint-cell';
}

export const COMMAND_OF: Record<CellIntent, string> = {
  edit: FixCommandIDs.edit,
  fix: FixCommandIDs.fix,
  explain: FixCommandIDs.explain,
  hint: FixCommandIDs.hint
};

export interface IFixContext {
  session: ISession;
  /** The code cell that the user is in, or has opened the context menu on. */
  activeCellId: () => string | null;
  /** Show the panel, where answers are read. */
  open: () => void;
  /** Show the panel, where the user says how the active cell is to be changed. */
  edit: () => void;
  trans: TranslationBundle;
}

interface IWords {
  label: string;
  caption: string;
  icon: LabIcon;
}

type Arguments = Readonly<Record<string, unknown>>;

/** What `addCommands` is to add. */
export function fixCommands(
  context: IFixContext
): Record<string, CommandRegistry.ICommandOptions> {
  const words = wordsOf(context.trans);
  return {
    [FixCommandIDs.edit]: commandOf('edit', words.edit, context),
    [FixCommandIDs.fix]: commandOf('fix', words.fix, context),
    [FixCommandIDs.explain]: commandOf('explain', words.explain, context),
    [FixCommandIDs.hint]: commandOf('hint', words.hint, context)
  };
}

function wordsOf(trans: TranslationBundle): Record<CellIntent, IWords> {
  return {
    edit: {
      label: trans.__('Change This Cell…'),
      caption: trans.__('Say how the agent is to change this cell'),
      icon: editIcon
    },
    fix: {
      label: trans.__('Fix This Cell'),
      caption: trans.__(
        'Let the agent propose the smallest change that makes this cell work'
      ),
      icon: fixIcon
    },
    explain: {
      label: trans.__('Explain This Cell'),
      caption: trans.__('Let the agent explain this cell and its error'),
      icon: explainIcon
    },
    hint: {
      label: trans.__('Give a Hint for This Cell'),
      caption: trans.__(
        'Let the agent say where to look, without giving the solution'
      ),
      icon: hintIcon
    }
  };
}

function commandOf(
  intent: CellIntent,
  words: IWords,
  context: IFixContext
): CommandRegistry.ICommandOptions {
  const { session, activeCellId, open, edit, trans } = context;
  const cellOf = (args: Arguments) => text(args.cellId) || activeCellId();
  return {
    ...words,
    label: args =>
      args.describe
        ? trans.__('%1, Saying What It Should Do…', words.label)
        : words.label,
    isVisible: args => isOffered(intent, args, session),
    isEnabled: args =>
      isOffered(intent, {}, session) &&
      !session.state.unavailable &&
      !session.state.active &&
      cellOf(args) !== null,
    execute: async args => {
      const cellId = cellOf(args);
      const sentence = args.describe
        ? await askForSentence(trans)
        : text(args.sentence);
      if (cellId === null || sentence === null) {
        return;
      }
      if (intent === 'edit' && !sentence) {
        await session.reveal(cellId);
        edit();
        return;
      }
      if (intent === 'explain' || intent === 'hint') {
        open();
      }
      try {
        await session.askAbout(intent, cellId, sentence);
      } catch (error) {
        // The panel says why.
        open();
        throw error;
      }
    },
    describedBy: { args: schema(intent, trans) }
  };
}

/** The toolbar has room for one: the hint, where nothing else is allowed. */
function isOffered(
  intent: CellIntent,
  args: Arguments,
  { state }: ISession
): boolean {
  return intent === 'hint' ? state.hintOnly || !args.toolbar : !state.hintOnly;
}

async function askForSentence(
  trans: TranslationBundle
): Promise<string | null> {
  const answer = await InputDialog.getText({
    title: trans.__('What should this cell do?'),
    placeholder: trans.__('It should ignore missing values'),
    okLabel: trans.__('Fix')
  });
  return answer.button.accept ? text(answer.value) : null;
}

function schema(
  intent: CellIntent,
  trans: TranslationBundle
): ReadonlyJSONObject {
  const properties = {
    cellId: {
      type: 'string',
      description: trans.__('The code cell; the active one if left out')
    },
    sentence: {
      type: 'string',
      description: trans.__('What the cell should do, or what is asked of it')
    }
  };
  const describe = {
    type: 'boolean',
    description: trans.__('Ask the user for the sentence')
  };
  return {
    type: 'object',
    properties: intent === 'fix' ? { ...properties, describe } : properties
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}
