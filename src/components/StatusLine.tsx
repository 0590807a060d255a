import { Button, stopIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { formatSeconds } from '../format';
import type { IRunView, ISessionState } from '../state';
import { start, useAgent } from './context';
import { IdleStatus } from './IdleStatus';
import { phaseLabel, phaseProgress } from './phase';

/** Seconds since a moment of the server's clock, ticking. */
function useElapsed(since: number): number {
  const [now, setNow] = React.useState(() => Date.now() / 1000);
  React.useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now() / 1000), 1000);
    return () => window.clearInterval(timer);
  }, []);
  return Math.max(0, Math.floor(now - since));
}

function Elapsed(props: { since: number }): JSX.Element {
  return <>{formatSeconds(useElapsed(props.since))}</>;
}

function ActiveStatus(props: {
  run: IRunView;
  isLimitLocked: boolean;
}): JSX.Element {
  const { session, trans, focusPrompt } = useAgent();
  const { run, isLimitLocked } = props;
  const ends = run.phase === 'running' && run.limit > 0 && !isLimitLocked;
  const waits = run.phase === 'waiting';
  const detail = run.detail === phaseLabel(run, trans) ? '' : run.detail;
  return (
    <>
      <span
        className={waits ? 'jp-oci-Dot jp-mod-waiting' : 'jp-oci-Spinner'}
        aria-hidden="true"
      />
      <span className="jp-oci-Status-words">
        <span className="jp-oci-Status-phase">{phaseProgress(run, trans)}</span>
        <span className="jp-oci-Status-facts" title={detail}>
          <Elapsed since={run.started} />
          {run.tokensPerSecond !== null &&
            !waits &&
            ` · ${trans.__('%1 tokens/s', run.tokensPerSecond.toFixed(1))}`}
          {detail && ` · ${detail}`}
        </span>
      </span>
      {ends && (
        <Button
          type="button"
          small
          className="jp-oci-Button"
          title={trans.__(
            'No cell of this run is stopped for the time that it takes'
          )}
          onClick={() => {
            focusPrompt();
            start(session.liftLimit());
          }}
        >
          {trans.__('No limit')}
        </Button>
      )}
      <Button
        type="button"
        small
        className="jp-oci-Button jp-mod-stop"
        onClick={() => {
          focusPrompt();
          start(session.stop());
        }}
      >
        <stopIcon.react tag="span" aria-hidden="true" />
        {trans.__('Stop')}
      </Button>
    </>
  );
}

/** What is going on, and for how long; it has the same height when nothing is. */
export function StatusLine(props: { state: ISessionState }): JSX.Element {
  const { active, models, settings } = props.state;
  const isLimitLocked = settings?.locked.includes('execution_timeout') ?? true;
  return (
    <div className="jp-oci-Status">
      {active ? (
        <ActiveStatus run={active} isLimitLocked={isLimitLocked} />
      ) : (
        <IdleStatus models={models} />
      )}
    </div>
  );
}
