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
  const [changed, gone, made] = [lines.changed, lines.gone, lines.new].map(
    ({ length }) => length
  );
  const parts = [
    changed > 0 && trans._n('%1 changed', '%1 changed', changed),
    gone > 0 && trans._n('%1 deleted', '%1 deleted', gone),
    made > 0 && trans._n('%1 new', '%1 new', made)
  ];
  const told = parts.filter(Boolean).join(', ');
  return trans.__('Variables since the request: %1', told);
}
