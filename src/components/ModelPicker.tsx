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
      return model.download_bytes
        ? trans.__('%1 to download', formatBytes(model.download_bytes))
        : trans.__('to download');
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

/** What it takes of this machine, in a few words; nothing where it is served elsewhere or not known. */
function needs(model: IModelCard, trans: TranslationBundle): string[] {
  const onCards = [model.gpu_memory_bytes, model.gpu_4bit_bytes]
    .filter(Boolean)
    .map(formatBytes)
    .join(' / ');
  const facts: [string, number | string][] = [
    [trans.__('RAM'), model.memory_bytes],
    [trans.__('disk'), model.disk_bytes],
    [trans.__('VRAM'), onCards]
  ];
  return facts
    .filter(([, size]) => size)
    .map(
      ([what, size]) =>
        `${what} ${typeof size === 'number' ? formatBytes(size) : size}`
    );
}

function optionLabel(model: IModelCard, trans: TranslationBundle): string {
  const facts = [stateOf(model, trans), ...needs(model, trans)];
  const label = `${model.title} (${facts.join(', ')})`;
  return model.fits ? label : `${label}: ${model.obstacle}`;
}

/** The chosen one stands in a narrow box, and its state is told below it and in the status line. */
function chosenLabel(model: IModelCard, trans: TranslationBundle): string {
  if (model.host) {
    return optionLabel(model, trans);
  }
  return model.fits ? model.title : `${model.title}: ${model.obstacle}`;
}

function modelTitle(model: IModelCard, trans: TranslationBundle): string {
  if (model.host) {
    return [model.title, trans.__('served by %1', model.host)].join('\n');
  }
  const { memory_bytes, disk_bytes, gpu_memory_bytes, gpu_4bit_bytes } = model;
  const rate = model.tokens_per_second ?? 0;
  const facts: [unknown, string][] = [
    [model.parameters, trans.__('%1 parameters', model.parameters)],
    [
      model.context_window,
      trans.__('%1 tokens of context', model.context_window.toLocaleString())
    ],
    [
      memory_bytes,
      trans.__('%1 of memory at its peak', formatBytes(memory_bytes))
    ],
    [
      disk_bytes,
      trans.__('%1 of disk still to be taken', formatBytes(disk_bytes))
    ],
    [
      gpu_memory_bytes,
      trans.__('or %1 on graphics cards', formatBytes(gpu_memory_bytes))
    ],
    [
      gpu_4bit_bytes,
      trans.__('or %1 there in 4 bits', formatBytes(gpu_4bit_bytes))
    ],
    [model.license, trans.__('licence %1', model.license)],
    [model.base, trans.__('made of %1', model.base)],
    [
      rate,
      trans.__(
        'about %1 tokens a second on this CPU (an estimate)',
        rate < 10 ? rate.toFixed(1) : Math.round(rate)
      )
    ]
  ];
  const known = facts.filter(([fact]) => fact).map(([, text]) => text);
  return [model.title, ...known].join('\n');
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
        <option
          key={model.name}
          value={model.name}
          title={modelTitle(model, trans)}
        >
          {model === current
            ? chosenLabel(model, trans)
            : optionLabel(model, trans)}
        </option>
      ))}
    </HTMLSelect>
  );
}
