/**
 * The plugins: the agent's session, and its panel with the commands.
 */
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ILayoutRestorer } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import {
  ITranslator,
  nullTranslator,
  type TranslationBundle
} from '@jupyterlab/translation';
import { DisposableSet } from '@lumino/disposable';

import { watchContextMenu } from './clicked_cell';
import { Client } from './client';
import { codeCellId } from './code_cells';
import { addCommands, CommandIDs } from './commands';
import { FixCommandIDs } from './fix_commands';
import { showInCells } from './in_cells';
import { askForDesktop, Notices } from './notices';
import { AgentPanel } from './panel';
import { preferencesOf } from './preferences';
import { Session } from './session';
import type { ISession } from './state';
import { IAgentSession } from './tokens';

const PLUGIN_ID = 'jupyter-oci:plugin';
/** The server's announcement of a run (jupyter_oci/server/announce.py). */
const RUN_STARTED = 'https://jupyter-oci.invalid/events/run_started/v1';
/** Before the property inspector and the debugger. */
const PANEL_RANK = 90;

const sessionPlugin: JupyterFrontEndPlugin<ISession> = {
  id: 'jupyter-oci:session',
  description: 'Follows the agent of the current notebook.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ISettingRegistry, ITranslator],
  provides: IAgentSession,
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ): ISession => {
    const trans = (translator ?? nullTranslator).load('jupyter_oci');
    const inCells = showInCells(app.commands, trans);
    const session: Session = new Session({
      client: new Client(app.serviceManager.serverSettings, trans),
      tracker,
      trans,
      attach: (panel, agent, owner) =>
        DisposableSet.from([
          inCells(panel, agent, owner),
          new Notices({
            panel,
            agent,
            trans,
            isSeen: () =>
              tracker.find(
                ({ context, isVisible }) =>
                  context === panel.context && isVisible
              ) !== undefined ||
              (session.state.notebookId === agent.id && isPanelVisible()),
            place: () => session.preferences.notices,
            show: () => app.shell.activateById(panel.id)
          })
        ])
    });
    app.serviceManager.events.stream.connect((_, { schema_id, path }) => {
      if (schema_id === RUN_STARTED) {
        session.hear(String(path));
      }
    });
    void readPreferences(session, registry, trans);
    return session;
  }
};

const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description: 'The sidebar of the notebook agent, and its commands.',
  autoStart: true,
  requires: [IAgentSession, IEditorLanguageRegistry, INotebookTracker],
  optional: [ICommandPalette, ISettingRegistry, ITranslator, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    session: ISession,
    languages: IEditorLanguageRegistry,
    tracker: INotebookTracker,
    palette: ICommandPalette | null,
    registry: ISettingRegistry | null,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null
  ): void => {
    const panel = addPanel(
      app,
      session,
      languages,
      translator ?? nullTranslator,
      restorer
    );
    const open = () => app.shell.activateById(panel.id);
    const edit = () => {
      panel.editCell();
      open();
    };
    const trans = (translator ?? nullTranslator).load('jupyter_oci');
    const clickedCell = watchContextMenu(app, tracker);
    const activeCellId = () => codeCellId(clickedCell() ?? tracker.activeCell);
    addCommands(app.commands, { session, open, edit, trans, activeCellId });
    tracker.activeCellChanged.connect(() => {
      Object.values(FixCommandIDs).forEach(id =>
        app.commands.notifyCommandChanged(id)
      );
    });
    if (palette) {
      addToPalette(palette, trans.__('Notebook agent'));
    }
    void openAtStart(app, registry, open);
  }
};

function addToPalette(palette: ICommandPalette, category: string): void {
  const ids = [...Object.values(CommandIDs), ...Object.values(FixCommandIDs)];
  ids.forEach(command => palette.addItem({ command, category }));
  const args = { describe: true };
  palette.addItem({ command: FixCommandIDs.fix, args, category });
}

/** Wherever the user has moved it. */
function isPanelVisible(): boolean {
  const panel = document.getElementById(AgentPanel.ID);
  return panel !== null && panel.offsetParent !== null;
}

/** Put the panel into the right sidebar. */
function addPanel(
  app: JupyterFrontEnd,
  session: ISession,
  languages: IEditorLanguageRegistry,
  translator: ITranslator,
  restorer: ILayoutRestorer | null
): AgentPanel {
  const panel = new AgentPanel({ session, languages, translator });
  app.shell.add(panel, 'right', { rank: PANEL_RANK });
  restorer?.add(panel, panel.id);
  return panel;
}

async function readPreferences(
  session: Session,
  registry: ISettingRegistry | null,
  trans: TranslationBundle
): Promise<void> {
  const settings = await registry?.load(PLUGIN_ID);
  const read = () => {
    if (settings) {
      const { notices } = session.preferences;
      session.preferences = preferencesOf(settings);
      if (
        session.preferences.notices === 'desktop' &&
        notices !== session.preferences.notices
      ) {
        askForDesktop(trans);
      }
    }
  };
  read();
  settings?.changed.connect(read);
}

async function openAtStart(
  app: JupyterFrontEnd,
  registry: ISettingRegistry | null,
  open: () => void
): Promise<void> {
  const settings = await registry?.load(PLUGIN_ID);
  if (settings?.get('openAtStart').composite) {
    await app.restored;
    open();
  }
}

export { IAgentSession } from './tokens';
export type { ISession, ISessionState } from './state';

export default [sessionPlugin, panelPlugin];
