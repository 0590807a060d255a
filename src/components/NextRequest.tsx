import { closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { INextRequest } from '../state';
import { useAgent } from './context';
import { IconButton } from './IconButton';

/** The request that is sent once the run that goes on is done. */
export function NextRequest(props: { request: INextRequest }): JSX.Element {
  const { session, trans, focusPrompt } = useAgent();
  const { prompt } = props.request;
  return (
    <div className="jp-oci-NextRequest">
      <span className="jp-oci-NextRequest-words" title={prompt}>
        <b>{trans.__('Next:')}</b> {prompt}
      </span>
      <IconButton
        icon={closeIcon}
        label={trans.__('Take it back into the box')}
        onClick={() => {
          focusPrompt();
          session.withdrawNext();
        }}
      />
    </div>
  );
}
