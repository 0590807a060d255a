import * as React from 'react';

import type { Mode } from '../protocol';
import type { ISessionState } from '../state';
import { start, useAgent } from './context';
import { type IChoice, Switch } from './Switch';

/** Who decides that code runs. */
export function ModeSwitch(props: { state: ISessionState }): JSX.Element {
  const { session, trans } = useAgent();
  // What was clicked shows in the same moment; the state follows with the next frame.
  const [chosen, setChosen] = React.useState<Mode | null>(null);
  const { mode, settings, notebookId } = props.state;
  const isLocked = settings?.locked.includes('mode') ?? false;
  const choices: IChoice<Mode>[] = [
    {
      value: 'suggest',
      label: trans.__('Suggest'),
      caption: trans.__('Writes a cell and never runs it')
    },
    {
      value: 'ask',
      label: trans.__('Ask'),
      caption: trans.__('Shows the cell and runs it when you say so')
    },
    {
      value: 'auto',
      label: trans.__('Auto'),
      caption: trans.__(
        'Runs the cell; installs, shell, network and deletion still ask'
      )
    }
  ];
  const choose = (wanted: Mode) => {
    setChosen(wanted);
    start(session.setMode(wanted).finally(() => setChosen(null)));
  };
  return (
    <Switch
      label={trans.__('Mode')}
      choices={choices.map(choice => ({
        ...choice,
        caption: isLocked
          ? trans.__('Fixed by your administrator')
          : choice.caption,
        disabled: isLocked || notebookId === null
      }))}
      value={chosen ?? mode}
      onChoose={choose}
    />
  );
}
