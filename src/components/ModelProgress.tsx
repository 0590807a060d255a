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

/** A download of it was cut off or cancelled, and something came before. */
export function hasKept(model: IModelCard): boolean {
  return model.state === 'absent' && model.kept_bytes >= 1e6;
}

/** What keeps the chosen model from answering at once, and what can be done about it. */
export function ModelProgress(props: {
  model: IModelCard;
}): JSX.Element | null {
  const { session, trans } = useAgent();
  const { model } = props;
  const act = (action: 'download' | 'cancel' | 'load') => () =>
    start(session.modelAction(model.name, action));
  const size = model.download_bytes ? formatBytes(model.download_bytes) : '';
  const kept = hasKept(model)
    ? trans.__('%1 of it are here', formatBytes(model.kept_bytes))
    : '';

  switch (model.state) {
    case 'downloading':
      return (
        <div className="jp-oci-ModelProgress">
          <Progress
            model={model}
            label={
              model.download_bytes
                ? trans.__('Downloading %1', size)
                : trans.__('Downloading')
            }
          />
          <button
            type="button"
            className="jp-oci-TextButton"
            title={trans.__('What came is kept: you can go on later.')}
            onClick={act('cancel')}
          >
            {trans.__('Cancel')}
          </button>
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
            {[trans.__('Not on this machine yet'), size, kept]
              .filter(Boolean)
              .join(', ')}
          </span>
          <button
            type="button"
            className="jp-oci-TextButton"
            onClick={act('download')}
          >
            {kept ? trans.__('Go on') : trans.__('Download')}
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
