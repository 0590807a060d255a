import * as React from 'react';

import { agentIcon } from '../icons';

/** Why nothing can be asked now, and what to do about it. */
export function Unavailable(props: { sentence: string }): JSX.Element {
  return (
    <div className="jp-oci-Unavailable">
      <agentIcon.react tag="span" aria-hidden="true" />
      <p>{props.sentence}</p>
    </div>
  );
}
