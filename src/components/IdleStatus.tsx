import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { formatBytes } from '../format';
import type { IModelCard, IModels } from '../protocol';
import { currentModel } from '../state';
import { useAgent } from './context';

function readiness(model: IModelCard, trans: TranslationBundle): string {
  switch (model.state) {
    case 'absent':
      return model.download_bytes
        ? trans.__(
            'The first request downloads the model, %1',
            formatBytes(model.download_bytes)
          )
        : trans.__('The first request downloads the model');
    case 'downloading':
      return trans.__('Downloading the model');
    case 'available':
      return model.host
        ? trans.__('The first request connects to %1', model.host)
        : trans.__('The first request loads the model');
    case 'loading':
      return trans.__('Loading the model');
    case 'ready':
      return trans.__('Ready');
    case 'failed':
      return model.host
        ? trans.__('The model server cannot be used')
        : trans.__('The model could not be loaded');
  }
}

/** What the next request will meet. */
export function IdleStatus(props: { models: IModels | null }): JSX.Element {
  const { trans } = useAgent();
  const model = currentModel(props.models);
  return (
    <>
      <span
        className={`jp-oci-Dot jp-mod-${model?.state ?? 'absent'}`}
        aria-hidden="true"
      />
      <span className="jp-oci-Status-phase jp-mod-idle">
        {model ? readiness(model, trans) : trans.__('No model is chosen')}
      </span>
    </>
  );
}
