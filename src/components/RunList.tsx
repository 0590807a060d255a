import * as React from 'react';

import type { ISessionState } from '../state';
import { useAgent } from './context';
import { useFollowEnd } from './followEnd';
import { RunCard } from './RunCard';
import { Unavailable } from './Unavailable';
import { Welcome } from './Welcome';
import { whyNotAsk } from './whyNotAsk';

/** All runs of the notebook, oldest first. What is announced is said by the `Announcer`, not token by token. */
export function RunList(props: { state: ISessionState }): JSX.Element {
  const { trans } = useAgent();
  const { runs, active } = props.state;
  const list = React.useRef<HTMLDivElement>(null);
  const newest = runs.length > 0 ? runs[runs.length - 1].runId : '';
  const onScroll = useFollowEnd(list, newest);
  const sentence = active === null ? whyNotAsk(props.state, trans) : null;

  return (
    <div className="jp-oci-RunList" ref={list} onScroll={onScroll}>
      <div
        className="jp-oci-RunList-content"
        role="log"
        aria-live="off"
        aria-label={trans.__('Runs of this notebook')}
      >
        {runs.map(run => (
          <RunCard key={run.runId} run={run} isLast={run.runId === newest} />
        ))}
        {sentence !== null && <Unavailable sentence={sentence} />}
        {sentence === null && runs.length === 0 && <Welcome />}
      </div>
    </div>
  );
}
