import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { IVariablesChanged } from '../protocol';
import { useAgent } from './context';

type Lines = Pick<IVariablesChanged, 'new' | 'changed' | 'gone'>;

/** What a run did to the variables of the kernel: open at once where it concerns what was there before. */
export function Variables(props: { lines: Lines }): JSX.Element {
  const { trans } = useAgent();
  const { lines } = props;
  const touchesOld = lines.changed.length + lines.gone.length > 0;
  return (
    <details className="jp-oci-Variables" open={touchesOld}>
      <summary>{summaryOf(lines, trans)}</summary>
      <ul>
        {lines.changed.map(line => (
          <li key={line}>{line}</li>
        ))}
        {lines.gone.map(name => (
          <li key={name}>{trans.__('%1: deleted', name)}</li>
        ))}
        {lines.new.map(line => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </details>
  );
}

function summaryOf(lines: Lines, trans: TranslationBundle): string {
  const parts = [
    lines.changed.length > 0 && trans.__('%1 changed', lines.changed.length),
    lines.gone.length > 0 && trans.__('%1 deleted', lines.gone.length),
    lines.new.length > 0 && trans.__('%1 new', lines.new.length)
  ];
  return trans.__('Variables: %1', parts.filter(Boolean).join(', '));
}
