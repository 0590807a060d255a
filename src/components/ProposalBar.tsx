import type { TranslationBundle } from '@jupyterlab/translation';
import { Button, checkIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { visibleCode } from '../invisibles';
import type { Answer, IFixProposed } from '../protocol';
import { Another } from './Another';
import { useDecision } from './decision';
import { MarkdownLine } from './Markdown';

interface IProposalBarProps {
  proposal: IFixProposed;
  /** Where the error showed, if that is another cell. */
  elsewhere: string | null;
  /** Why the user is asked: the mode, or what the code visibly does. */
  reasons: string[];
  trans: TranslationBundle;
  decide(decision: Answer, comment?: string): Promise<void>;
  /** The bar stands in the document. */
  onShown(hands: IHands): void;
}

/** What keys do, wherever they are pressed. */
export interface IHands {
  accept(): void;
  reject(): void;
  focus(): void;
}

/** What was wrong, what must pass, and the decision about a fix that is shown above. */
export function ProposalBar(props: IProposalBarProps): JSX.Element {
  const { proposal, elsewhere, reasons, trans } = props;
  const [decided, makeDecision] = useDecision();
  const bar = React.useRef<HTMLDivElement>(null);

  React.useEffect(() => {
    const [accept, reject] =
      bar.current?.querySelectorAll<HTMLElement>('.jp-oci-Actions > button') ??
      [];
    props.onShown({
      accept: () => accept.click(),
      reject: () => reject.click(),
      focus: () => accept.focus()
    });
  }, []);

  const decide = (decision: Answer, comment?: string) => {
    // Browsers take the focus from a button that is disabled; it must stay here, to be given to the notebook.
    if (bar.current?.contains(document.activeElement)) {
      bar.current.focus();
    }
    makeDecision(() => props.decide(decision, comment));
  };
  return (
    <div
      ref={bar}
      className="jp-oci-ProposalBar"
      tabIndex={-1}
      role="group"
      aria-label={trans.__('Proposed change')}
    >
      <p className="jp-oci-ProposalBar-summary">
        <MarkdownLine text={proposal.summary || trans.__('Proposed change')} />
      </p>
      {elsewhere && <p className="jp-oci-ProposalBar-note">{elsewhere}</p>}
      {reasons.length > 0 && (
        <p className="jp-oci-ProposalBar-note">
          <MarkdownLine text={reasons.join(' ')} />
        </p>
      )}
      <Check proposal={proposal} trans={trans} />
      <div className="jp-oci-Actions">
        <Button
          type="button"
          className="jp-oci-Button jp-mod-primary"
          disabled={decided}
          title={trans.__('Accept the change as it stands above (Enter)')}
          onClick={() => decide('run')}
        >
          <checkIcon.react tag="span" aria-hidden="true" />
          {acceptLabel(proposal, trans)}
          <kbd aria-hidden="true">{trans.__('Enter')}</kbd>
        </Button>
        <Button
          type="button"
          className="jp-oci-Button"
          disabled={decided}
          title={trans.__('Leave the cell as it was (Escape)')}
          onClick={() => decide('skip')}
        >
          {trans.__('Reject')}
          <kbd aria-hidden="true">{trans.__('Esc')}</kbd>
        </Button>
      </div>
      <Another
        about={proposal.fix_id}
        disabled={decided}
        trans={trans}
        onAnother={comment => decide('another', comment)}
      />
    </div>
  );
}

/** Sometimes nothing is to be changed: the cell was only never run. */
export function acceptLabel(
  { base, source }: IFixProposed,
  trans: TranslationBundle
): string {
  return base === source ? trans.__('Run It') : trans.__('Accept');
}

/** The code that must pass, and whose idea it is. */
export function Check(props: {
  proposal: IFixProposed;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { proposal, trans } = props;
  if (!proposal.check) {
    return null;
  }
  return (
    <div className="jp-oci-Check">
      <span className="jp-oci-Check-origin">
        {proposal.check_origin === 'user'
          ? trans.__('Must pass, from your notebook:')
          : trans.__('Must pass, a check the agent wrote:')}
      </span>
      <pre className="jp-oci-Check-code" tabIndex={0}>
        {visibleCode(proposal.check)}
      </pre>
    </div>
  );
}
