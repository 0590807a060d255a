import { closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { ISessionState } from '../state';
import { useAgent } from './context';
import { IconButton } from './IconButton';

/** What stands in the way just now: a lost connection, a request that failed. */
export function Notices(props: { state: ISessionState }): JSX.Element {
  const { session, trans } = useAgent();
  const { connected, error } = props.state;
  return (
    <>
      {!connected && (
        <p className="jp-oci-Notice jp-mod-warn" role="status">
          {trans.__(
            'No connection to the server. A run goes on there, and is shown here when the connection is back.'
          )}
        </p>
      )}
      {error !== null && (
        <div className="jp-oci-Notice jp-mod-error" role="alert">
          <p>{error}</p>
          <IconButton
            icon={closeIcon}
            label={trans.__('Dismiss')}
            onClick={() => session.dismissError()}
          />
        </div>
      )}
    </>
  );
}
