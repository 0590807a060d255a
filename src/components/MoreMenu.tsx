import { Dialog, showDialog } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { ellipsesIcon, MenuSvg } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { IModelCard, ModelAction, RunStatus } from '../protocol';
import { saveAs, transcript } from '../transcript';
import { type IAgentContext, start, useAgent } from './context';
import { IconButton } from './IconButton';
import { hasKept } from './ModelProgress';
import { outcomeLabel } from './Outcome';
import { runTitle } from './runTitle';

interface IMoreMenuProps {
  model: IModelCard | null;
  /** There are finished runs to forget. */
  hasHistory: boolean;
}

async function confirmClearing(agent: IAgentContext): Promise<void> {
  const { session, trans } = agent;
  const answer = await showDialog({
    title: trans.__('Clear the history of this notebook?'),
    body: trans.__(
      'The list of runs is forgotten. The notebook and its cells stay as they are.'
    ),
    buttons: [
      Dialog.cancelButton(),
      Dialog.warnButton({ label: trans.__('Clear') })
    ]
  });
  if (answer.button.accept) {
    start(session.clearHistory());
  }
}

/** Have the browser save what the runs did that are over. */
function saveHistory({ session, trans }: IAgentContext): void {
  const { path, runs } = session.state;
  const parts = runs
    .filter(run => run.status !== 'running')
    .map(run => ({
      run,
      title: runTitle(run, session, trans),
      end: outcomeLabel(run, run.status as RunStatus, trans)
    }));
  const name = PathExt.basename(path ?? '', '.ipynb');
  saveAs(`${name}-agent.md`, transcript(path ?? '', parts, trans));
}

/** A menu as JupyterLab draws it, of what is wanted rarely. */
function makeMenu(agent: IAgentContext, props: IMoreMenuProps): MenuSvg {
  const { session, trans } = agent;
  const { model, hasHistory } = props;
  const commands = new CommandRegistry();
  const menu = new MenuSvg({ commands });
  const add = (
    id: string,
    label: string,
    isEnabled: boolean,
    execute: () => void
  ) => {
    commands.addCommand(id, { label, isEnabled: () => isEnabled, execute });
    menu.addItem({ command: id });
  };
  const addModelAction = (
    action: ModelAction,
    label: string,
    states: IModelCard['state'][]
  ) => {
    // What is served elsewhere is not ours to load or remove.
    const isEnabled =
      model?.host === '' &&
      (states.includes(model.state) || (action === 'remove' && hasKept(model)));
    add(action, label, isEnabled, () => {
      if (model) {
        start(session.modelAction(model.name, action));
      }
    });
  };

  addModelAction('load', trans.__('Load the model now'), ['available']);
  addModelAction('unload', trans.__('Unload the model'), ['ready']);
  addModelAction('remove', trans.__('Remove the download'), [
    'available',
    'failed'
  ]);
  menu.addItem({ type: 'separator' });
  add('save', trans.__('Save history as Markdown'), hasHistory, () =>
    saveHistory(agent)
  );
  add('clear', trans.__('Clear history…'), hasHistory, () =>
    start(confirmClearing(agent))
  );
  return menu;
}

export function MoreMenu(props: IMoreMenuProps): JSX.Element {
  const agent = useAgent();
  const button = React.useRef<HTMLSpanElement>(null);
  const [open, setOpen] = React.useState(false);

  const show = () => {
    const menu = makeMenu(agent, props);
    const { right, bottom } = (
      button.current as HTMLElement
    ).getBoundingClientRect();
    menu.aboutToClose.connect(() => {
      setOpen(false);
      button.current?.querySelector('button')?.focus();
      // Not before the chosen command, which Lumino runs after closing.
      queueMicrotask(() => menu.dispose());
    });
    setOpen(true);
    menu.open(right, bottom, { horizontalAlignment: 'right' });
  };
  return (
    <span ref={button}>
      <IconButton
        icon={ellipsesIcon}
        label={agent.trans.__('More')}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={show}
      />
    </span>
  );
}
