import { addBelowIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { cellName } from '../code_cells';
import { locateIcon } from '../icons';
import type { IFixProposed } from '../protocol';
import { start, useAgent } from './context';
import { CopyButton } from './CopyButton';
import { DiffView } from './DiffView';
import { IconButton } from './IconButton';
import { MarkdownLine } from './Markdown';
import { Check } from './ProposalBar';

interface IProposedFixProps {
  proposal: IFixProposed;
  /** As the user has it, or has accepted it; empty: as it was proposed. */
  accepted: string;
  /** The model's own words stand above: they need no summary. */
  isTold: boolean;
}

/** A fix: what was wrong, what it changes, and what must pass. */
export function ProposedFix(props: IProposedFixProps): JSX.Element {
  const { session, trans } = useAgent();
  const { proposal, accepted, isTold } = props;
  const { cell_id, base, summary } = proposal;
  const source = accepted || proposal.source;
  const name = cellName(session.executionCount(cell_id), trans);
  return (
    <div className="jp-oci-CodeBlock">
      <div className="jp-oci-CodeBlock-header">
        <span className="jp-oci-CodeBlock-title">
          {source === base
            ? trans.__('Run %1 as it is', name)
            : trans.__('Change to %1', name)}
        </span>
        <span className="jp-oci-Spacer" />
        <IconButton
          icon={locateIcon}
          label={trans.__('Show cell')}
          onClick={() => start(session.reveal(cell_id))}
        />
        <CopyButton text={source} />
        <IconButton
          icon={addBelowIcon}
          label={trans.__('Insert below the active cell')}
          onClick={() => session.insert(source)}
        />
      </div>
      {summary && !isTold && (
        <p className="jp-oci-ProposedFix-summary">
          <MarkdownLine text={summary} />
        </p>
      )}
      <DiffView before={base} after={source} />
      <Check proposal={proposal} trans={trans} />
    </div>
  );
}
