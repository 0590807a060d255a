import { addBelowIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { locateIcon } from '../icons';
import type { IRound } from '../state';
import { Clamped } from './Clamped';
import { start, useAgent } from './context';
import { CopyButton } from './CopyButton';
import { DiffView } from './DiffView';
import { HighlightedCode } from './HighlightedCode';
import { IconButton } from './IconButton';

const LINES_SHOWN = 14;

interface ICodeBlockProps {
  round: IRound;
  /** The model is writing it now. */
  writing: boolean;
  /** The user is asked to approve it, so all of it must be seen. */
  awaiting: boolean;
}

/** The code of a round; after a revision, what it changed. */
export function CodeBlock(props: ICodeBlockProps): JSX.Element {
  const { session, language, trans } = useAgent();
  const { round, writing, awaiting } = props;
  const { source, previousSource, cellId } = round;
  const canCompare =
    !writing && previousSource !== null && previousSource !== source;
  const [comparing, setComparing] = React.useState(true);

  return (
    <div className="jp-oci-CodeBlock">
      <div className="jp-oci-CodeBlock-header">
        <span className="jp-oci-CodeBlock-title">
          {round.attempt > 1
            ? trans.__('Cell, try %1', round.attempt)
            : trans.__('Cell')}
        </span>
        {canCompare && (
          <button
            type="button"
            className="jp-oci-TextButton"
            aria-pressed={comparing}
            onClick={() => setComparing(!comparing)}
          >
            {trans.__('Changes')}
          </button>
        )}
        <span className="jp-oci-Spacer" />
        {cellId !== null && (
          <IconButton
            icon={locateIcon}
            label={trans.__('Show cell')}
            onClick={() => start(session.reveal(cellId))}
          />
        )}
        <CopyButton text={source} />
        <IconButton
          icon={addBelowIcon}
          label={trans.__('Insert below the active cell')}
          onClick={() => session.insert(source)}
        />
      </div>
      {canCompare && comparing ? (
        <DiffView before={previousSource} after={source} />
      ) : (
        <Clamped
          text={source}
          limit={LINES_SHOWN}
          followEnd={writing}
          open={awaiting}
        >
          <HighlightedCode code={source} language={language} />
        </Clamped>
      )}
    </div>
  );
}
