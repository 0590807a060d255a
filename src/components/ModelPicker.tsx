import { HTMLSelect } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { formatBytes, formatPercent } from '../format';
import type { IModelCard } from '../protocol';
import type { ISessionState } from '../state';
import { start, useAgent } from './context';

function stateOf(model: IModelCard, trans: TranslationBundle): string {
  switch (model.state) {
    case 'absent':
      return trans.__('%1 to download', formatBytes(model.download_bytes));
    case 'downloading':
      return trans
        .__(
          'downloading %1',
          model.fraction === null ? '' : formatPercent(model.fraction)
        )
        .trim();
    case 'available':
      return model.host
        ? trans.__('on %1', model.host)
        : trans.__('downloaded');
    case 'loading':
      return trans.__('loading');
    case 'ready':
      return trans.__('ready');
    case 'failed':
      return trans.__('failed');
  }
}

function optionLabel(model: IModelCard, trans: TranslationBundle): string {
  const facts = [stateOf(model, trans)];
  if (!model.fits) {
    facts.push(model.obstacle);
  }
  return `${model.title} (${facts.join(', ')})`;
}

/** The chosen one stands in a narrow box, and its state is told below it and in the status line. */
function chosenLabel(model: IModelCard, trans: TranslationBundle): string {
  return model.fits && !model.host ? model.title : optionLabel(model, trans);
}

function modelTitle(model: IModelCard, trans: TranslationBundle): string {
  if (model.host) {
    return [model.title, trans.__('served by %1', model.host)].join('\n');
  }
  const facts = [
    model.title,
    trans.__('%1 parameters', model.parameters),
    trans.__('%1 tokens of context', model.context_window.toLocaleString()),
    trans.__(
      '%1 of memory, or %2 on graphics cards',
      formatBytes(model.memory_bytes),
      formatBytes(model.gpu_memory_bytes)
    ),
    trans.__('licence %1', model.license)
  ];
  if (model.base) {
    facts.push(trans.__('made of %1', model.base));
  }
  if (model.tokens_per_second !== null) {
    const rate = model.tokens_per_second;
    facts.push(
      trans.__(
        'about %1 tokens a second on this CPU (an estimate)',
        rate < 10 ? rate.toFixed(1) : Math.round(rate)
      )
    );
  }
  return facts.join('\n');
}

/** Which model writes. */
export function ModelPicker(props: { state: ISessionState }): JSX.Element {
  const { session, trans } = useAgent();
  const { models, settings } = props.state;
  const current = models?.models.find(model => model.name === models.current);
  const isLocked = settings?.locked.includes('model') ?? false;
  return (
    <HTMLSelect
      className="jp-oci-Model"
      aria-label={trans.__('Model')}
      title={
        isLocked
          ? trans.__('Fixed by your administrator')
          : current && modelTitle(current, trans)
      }
      disabled={isLocked || models === null}
      value={models?.current ?? ''}
      onChange={event => start(session.setModel(event.target.value))}
    >
      {!current && (
        <option value={models?.current ?? ''}>
          {models?.current || trans.__('No model yet')}
        </option>
      )}
      {models?.models.map(model => (
        <option key={model.name} value={model.name}>
          {model === current
            ? chosenLabel(model, trans)
            : optionLabel(model, trans)}
        </option>
      ))}
    </HTMLSelect>
  );
}
