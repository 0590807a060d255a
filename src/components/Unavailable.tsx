import { infoIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

/** Why nothing can be asked now, and what to do about it. */
export function Unavailable(props: { sentence: string }): JSX.Element {
  return (
    <div className="jp-oci-Unavailable">
      <infoIcon.react tag="span" elementSize="normal" aria-hidden="true" />
      <p>{props.sentence}</p>
    </div>
  );
}
