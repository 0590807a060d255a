import { checkIcon, closeIcon, stopIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { OUTPUT_LIMIT } from '../fold_execution';
import { formatSeconds } from '../format';
import { visibleCode, withoutAnsi } from '../invisibles';
import type { IRound } from '../state';
import { Clamped } from './Clamped';
import { useAgent } from './context';

type Execution = NonNullable<IRound['execution']>;

const LINES_SHOWN = 8;

const ICONS = {
  ok: checkIcon,
  error: closeIcon,
  timeout: stopIcon,
  interrupted: stopIcon
};

function sentence(execution: Execution, trans: TranslationBundle): string {
  switch (execution.status) {
    case 'running':
      return trans.__('Running…');
    case 'ok':
      return trans.__('Ran well');
    case 'error':
      return withoutAnsi(
        [execution.ename, execution.evalue].filter(Boolean).join(': ')
      );
    case 'timeout':
      return trans.__('Ran too long');
    case 'interrupted':
      return trans.__('Interrupted');
  }
}

function ResultLine(props: { execution: Execution }): JSX.Element {
  const { trans } = useAgent();
  const { execution } = props;
  const { status, seconds } = execution;
  const Icon = status === 'running' ? null : ICONS[status];
  return (
    <div className={`jp-oci-Result-line jp-mod-${status}`}>
      {Icon === null ? (
        <span className="jp-oci-Spinner" aria-hidden="true" />
      ) : (
        <Icon.react
          tag="span"
          className="jp-oci-Result-icon"
          aria-hidden="true"
        />
      )}
      <span className="jp-oci-Result-sentence">
        {visibleCode(sentence(execution, trans))}
      </span>
      {seconds !== null && (
        <span className="jp-oci-Result-seconds">{formatSeconds(seconds)}</span>
      )}
    </div>
  );
}

function printed({ text }: Execution): string {
  const isCut = text.length > OUTPUT_LIMIT;
  return withoutAnsi(text.slice(0, OUTPUT_LIMIT)) + (isCut ? '\n…' : '');
}

/** How the code of a round went, with the first lines of what it printed. */
export function ExecutionResult(props: { execution: Execution }): JSX.Element {
  const { trans } = useAgent();
  const { execution } = props;
  const text = visibleCode(printed(execution).replace(/[\r\n]+$/, ''));
  return (
    <div className="jp-oci-Result">
      <ResultLine execution={execution} />
      {text && (
        <Clamped text={text} limit={LINES_SHOWN}>
          <pre className="jp-oci-Output" tabIndex={0}>
            {text}
          </pre>
        </Clamped>
      )}
      {execution.figures > 0 && (
        <p className="jp-oci-Result-figures">
          {trans._n(
            '%1 figure, shown below the cell',
            '%1 figures, shown below the cell',
            execution.figures
          )}
        </p>
      )}
    </div>
  );
}
