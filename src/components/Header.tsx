import * as React from 'react';

import { currentModel, type ISessionState } from '../state';
import { useAgent } from './context';
import { Destination } from './Destination';
import { ModelPicker } from './ModelPicker';
import { ModelProgress } from './ModelProgress';
import { ModeSwitch } from './ModeSwitch';
import { MoreMenu } from './MoreMenu';

/** Which model, which mode, and the rest in a menu. */
export function Header(props: { state: ISessionState }): JSX.Element {
  const { trans } = useAgent();
  const { models, runs } = props.state;
  const model = currentModel(models);
  return (
    <div className="jp-oci-Header">
      <h2 className="jp-oci-Header-title">{trans.__('Notebook agent')}</h2>
      <div className="jp-oci-Header-controls">
        <ModelPicker state={props.state} />
        <MoreMenu
          model={model}
          hasHistory={runs.some(run => run.status !== 'running')}
        />
        <ModeSwitch key={props.state.notebookId} state={props.state} />
      </div>
      {model && <Destination model={model} />}
      {model && <ModelProgress model={model} />}
    </div>
  );
}
