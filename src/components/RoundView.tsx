import * as React from 'react';

import { visibleProse } from '../invisibles';
import type { IRound } from '../state';
import { CodeBlock } from './CodeBlock';
import { useAgent } from './context';
import { Disclosure } from './Disclosure';
import { ExecutionResult } from './ExecutionResult';
import { Markdown } from './Markdown';
import { ProposedFix } from './ProposedFix';

interface IRoundViewProps {
  round: IRound;
  /** Each line is to stand by itself. */
  byLine: boolean;
  writing: boolean;
  awaiting: boolean;
}

/** One reply of the model and what came of it. */
export function RoundView(props: IRoundViewProps): JSX.Element {
  const { trans } = useAgent();
  const { round, byLine } = props;
  const text = byLine ? round.text.replace(/\n/g, '\n\n') : round.text;
  const { proposal } = round;
  const hasCode = proposal !== null || round.cellId !== null;
  return (
    <div className="jp-oci-Round">
      {text.trim() && <Markdown text={text} />}
      {hasCode && (
        <div className="jp-oci-Round-cell">
          {proposal ? (
            <ProposedFix
              proposal={proposal}
              accepted={round.source}
              isTold={round.text.trim() !== ''}
            />
          ) : (
            <CodeBlock {...props} />
          )}
          {round.execution && <ExecutionResult execution={round.execution} />}
        </div>
      )}
      {round.comment && (
        <p className="jp-oci-Round-comment">
          <strong>{trans.__('You:')}</strong>{' '}
          <bdi>{visibleProse(round.comment)}</bdi>
        </p>
      )}
      {round.feedback && (
        <Disclosure summary={trans.__('What the model was told')}>
          <pre className="jp-oci-Output" tabIndex={0}>
            {visibleProse(round.feedback)}
          </pre>
        </Disclosure>
      )}
    </div>
  );
}
