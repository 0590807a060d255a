import * as React from 'react';

import { formatBytes, formatPercent } from '../format';
import type { IModelCard } from '../protocol';
import { start, useAgent } from './context';

function Progress(props: { model: IModelCard; label: string }): JSX.Element {
  const { model, label } = props;
  return (
    <>
      <span>
        {label}
        {model.fraction !== null && ` ${formatPercent(model.fraction)}`}
      </span>
      <progress
        aria-label={label}
        max={1}
        value={model.fraction ?? undefined}
      />
    </>
  );
}

/** What keeps the chosen model from answering at once, and what can be done about it. */
export function ModelProgress(props: {
  model: IModelCard;
}): JSX.Element | null {
  const { session, trans } = useAgent();
  const { model } = props;
  const act = (action: 'download' | 'load') => () =>
    start(session.modelAction(model.name, action));

  switch (model.state) {
    case 'downloading':
      return (
        <div className="jp-oci-ModelProgress">
          <Progress
            model={model}
            label={trans.__(
              'Downloading %1',
              formatBytes(model.download_bytes)
            )}
          />
        </div>
      );
    case 'loading':
      return (
        <div className="jp-oci-ModelProgress">
          <Progress model={model} label={trans.__('Loading the model')} />
        </div>
      );
    case 'absent':
      return (
        <div className="jp-oci-ModelProgress">
          <span>
            {trans.__(
              'Not on this machine yet, %1',
              formatBytes(model.download_bytes)
            )}
          </span>
          <button
            type="button"
            className="jp-oci-TextButton"
            onClick={act('download')}
          >
            {trans.__('Download')}
          </button>
        </div>
      );
    case 'failed':
      return (
        <div className="jp-oci-ModelProgress jp-mod-error">
          <span>{model.detail || trans.__('The model failed.')}</span>
          <button
            type="button"
            className="jp-oci-TextButton"
            onClick={act('load')}
          >
            {trans.__('Try again')}
          </button>
        </div>
      );
    case 'available':
    case 'ready':
      return null;
  }
}
