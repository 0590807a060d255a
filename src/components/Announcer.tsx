import * as React from 'react';

import type { ISessionState } from '../state';
import { useAgent } from './context';
import { endLabel } from './Outcome';
import { phaseLabel } from './phase';

/** Says to a screen reader what changed: a new phase or an end, never tokens or seconds. */
export function Announcer(props: { state: ISessionState }): JSX.Element {
  const { trans } = useAgent();
  const { active, runs, notebookId } = props.state;
  const watched = React.useRef<{
    notebookId: string | null;
    runId: string;
  } | null>(null);
  const last = runs[runs.length - 1];

  let words = '';
  if (active) {
    watched.current = { notebookId, runId: active.runId };
    words = phaseLabel(active, trans);
  } else if (
    last &&
    last.status !== 'running' &&
    watched.current?.notebookId === notebookId &&
    watched.current.runId === last.runId
  ) {
    words = `${endLabel(last.status, last.reason, trans)}. ${last.message}`;
  }
  return (
    <div className="jp-oci-Announcer" role="status" aria-live="polite">
      {words}
    </div>
  );
}
