import * as React from 'react';

import { cellName } from '../code_cells';
import { useAgent } from './context';
import { type IChoice, Switch } from './Switch';

type Target = 'new' | 'edit';

interface ITargetSwitchProps {
  /** The code cell that the user is in. */
  cellId: string | null;
  /** It is to be changed. */
  edits: boolean;
  onChoose(edits: boolean): void;
}

/** Where the code goes that a request asks for. */
export function TargetSwitch(props: ITargetSwitchProps): JSX.Element {
  const { session, trans } = useAgent();
  const { cellId, edits, onChoose } = props;
  const name = cellId && cellName(session.executionCount(cellId), trans);
  const choices: IChoice<Target>[] = [
    {
      value: 'new',
      label: trans.__('New cell'),
      caption: trans.__('Writes cells of its own below the active one')
    },
    {
      value: 'edit',
      label: name ? trans.__('Change %1', name) : trans.__('Change a cell'),
      caption: name
        ? trans.__('Changes the active cell as you say, as a difference in it')
        : trans.__('Click into a code cell first'),
      disabled: !name
    }
  ];
  return (
    <Switch
      label={trans.__('Where the code goes')}
      choices={choices}
      value={edits ? 'edit' : 'new'}
      onChoose={value => onChoose(value === 'edit')}
    />
  );
}
