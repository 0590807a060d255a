import * as React from 'react';

import type { IModelCard } from '../protocol';
import { useAgent } from './context';

/** Where text goes that leaves this machine. */
export function Destination(props: { model: IModelCard }): JSX.Element | null {
  const { trans } = useAgent();
  const { host, is_local } = props.model;
  if (is_local) {
    return null;
  }
  return (
    <div className="jp-oci-Destination">
      {trans.__('Requests, cells and outputs go to the model server %1', host)}
    </div>
  );
}
