import * as React from 'react';

import type { Mode } from '../protocol';
import type { ISessionState } from '../state';
import { start, useAgent } from './context';

/** Who decides that code runs. */
export function ModeSwitch(props: { state: ISessionState }): JSX.Element {
  const { session, trans } = useAgent();
  const name = React.useId();
  // What was clicked shows in the same moment; the state follows with the next frame.
  const [chosen, setChosen] = React.useState<Mode | null>(null);
  const { mode, settings, notebookId } = props.state;
  const isLocked = settings?.locked.includes('mode') ?? false;
  const choices: { mode: Mode; label: string; caption: string }[] = [
    {
      mode: 'suggest',
      label: trans.__('Suggest'),
      caption: trans.__('Writes a cell and never runs it')
    },
    {
      mode: 'ask',
      label: trans.__('Ask'),
      caption: trans.__('Shows the cell and runs it when you say so')
    },
    {
      mode: 'auto',
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
    <div
      className="jp-oci-Mode"
      role="radiogroup"
      aria-label={trans.__('Mode')}
    >
      {choices.map(choice => (
        <label
          key={choice.mode}
          title={
            isLocked ? trans.__('Fixed by your administrator') : choice.caption
          }
        >
          <input
            type="radio"
            name={name}
            value={choice.mode}
            checked={(chosen ?? mode) === choice.mode}
            disabled={isLocked || notebookId === null}
            onChange={() => choose(choice.mode)}
          />
          <span>{choice.label}</span>
        </label>
      ))}
    </div>
  );
}
