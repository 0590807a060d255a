import type { TranslationBundle } from '@jupyterlab/translation';
import {
  Button,
  closeIcon,
  runIcon,
  stopIcon
} from '@jupyterlab/ui-components';
import * as React from 'react';

import type { ICellBarState } from '../cell_bar_state';
import type { ICellBarActions } from '../cell_bar_widget';
import { explainIcon, fixIcon, hintIcon } from '../icons';
import type { CellIntent } from '../state';
import { Another } from './Another';
import { useDecision } from './decision';
import { IconButton } from './IconButton';
import { MarkdownLine } from './Markdown';
import { ICONS } from './Outcome';
import { Sentence } from './Sentence';

export interface ICellBarProps extends ICellBarActions {
  state: ICellBarState;
  trans: TranslationBundle;
}

/** Below a cell: what can be done about its error, what is asked about it, what is being done, or how it ended. */
export function CellBar(props: ICellBarProps): JSX.Element {
  const { state } = props;
  switch (state.type) {
    case 'offer':
      return <Offer {...props} {...state} />;
    case 'asks':
      return <Asks key={state.approvalId} {...props} {...state} />;
    case 'busy':
      return <Busy {...props} {...state} />;
    case 'ended':
      return <Ended {...props} {...state} />;
  }
}

type StateOf<T extends ICellBarState['type']> = Extract<
  ICellBarState,
  { type: T }
>;

/** What helps with an error. */
type Help = Exclude<CellIntent, 'edit'>;

function Offer(props: ICellBarProps & StateOf<'offer'>): JSX.Element {
  const { trans, hintOnly, disabled } = props;
  const [asking, setAsking] = React.useState(false);
  const toggle = React.useRef<HTMLButtonElement>(null);
  const intents: Help[] = hintOnly ? ['hint'] : ['fix', 'explain', 'hint'];
  const leave = () => {
    setAsking(false);
    toggle.current?.focus();
  };
  return (
    <div
      className="jp-oci-CellBar-line jp-mod-wrap"
      role="group"
      aria-label={trans.__('Help with this error')}
    >
      {intents.map(intent => (
        <IntentButton key={intent} {...props} intent={intent} />
      ))}
      {!hintOnly && (
        <button
          ref={toggle}
          type="button"
          className="jp-oci-TextButton"
          aria-expanded={asking}
          disabled={disabled !== null}
          onClick={() => setAsking(!asking)}
        >
          {trans.__('What should it do?')}
        </button>
      )}
      {asking && <Expected {...props} onLeave={leave} />}
    </div>
  );
}

function IntentButton(
  props: ICellBarProps & StateOf<'offer'> & { intent: Help }
): JSX.Element {
  const { intent, disabled, trans } = props;
  const faces = {
    fix: { label: trans.__('Fix'), Icon: fixIcon },
    explain: { label: trans.__('Explain'), Icon: explainIcon },
    hint: { label: trans.__('Hint'), Icon: hintIcon }
  };
  const { label, Icon } = faces[intent];
  return (
    <Button
      type="button"
      small
      className="jp-oci-Button"
      disabled={disabled !== null}
      title={disabled ?? props.titleOf(intent)}
      onClick={() => props.start(intent)}
    >
      <Icon.react tag="span" aria-hidden="true" />
      {label}
    </Button>
  );
}

/** The user says what they expect: Enter starts, Escape leaves. */
function Expected(props: ICellBarProps & { onLeave: () => void }): JSX.Element {
  const { trans } = props;
  return (
    <Sentence
      label={trans.__('What should it do?')}
      placeholder={trans.__('It should ignore missing values')}
      action={trans.__('Fix It')}
      primary
      takesFocus
      onLeave={props.onLeave}
      onSend={sentence => {
        props.onLeave();
        props.start('fix', sentence);
      }}
    />
  );
}

/** The same decision as in the panel. */
function Asks(props: ICellBarProps & StateOf<'asks'>): JSX.Element {
  const { trans, reasons } = props;
  const [decided, decide] = useDecision();
  const keys = props.keys();
  return (
    <div role="group" aria-label={trans.__('The agent waits for you')}>
      <div className="jp-oci-CellBar-line">
        <span className="jp-oci-Dot jp-mod-waiting" aria-hidden="true" />
        <span className="jp-oci-CellBar-text">
          {trans.__('Run this cell? You can edit it first.')}{' '}
          <MarkdownLine text={reasons.join(' ')} />
        </span>
      </div>
      <div className="jp-oci-CellBar-line jp-mod-wrap">
        <Button
          type="button"
          small
          className="jp-oci-Button jp-mod-primary"
          disabled={decided}
          onClick={() => decide(() => props.decide('run'))}
        >
          <runIcon.react tag="span" aria-hidden="true" />
          {trans.__('Run')}
          {keys && <kbd aria-hidden="true">{keys}</kbd>}
        </Button>
        <Button
          type="button"
          small
          className="jp-oci-Button"
          disabled={decided}
          onClick={() => decide(() => props.decide('skip'))}
        >
          {trans.__('Skip')}
        </Button>
        <Another
          about={props.approvalId}
          disabled={decided}
          trans={trans}
          onAnother={comment => decide(() => props.decide('another', comment))}
        />
      </div>
    </div>
  );
}

function Busy(props: ICellBarProps & StateOf<'busy'>): JSX.Element {
  const { trans, words, waits, causeId, inPanel } = props;
  return (
    <div className="jp-oci-CellBar-line">
      <span
        className={waits ? 'jp-oci-Dot jp-mod-waiting' : 'jp-oci-Spinner'}
        aria-hidden="true"
      />
      <span className="jp-oci-CellBar-text">{words}</span>
      {inPanel && <Details {...props} />}
      {causeId !== null && (
        <Button
          type="button"
          small
          className="jp-oci-Button"
          onClick={() => props.reveal(causeId)}
        >
          {trans.__('Show cell')}
        </Button>
      )}
      <Button
        type="button"
        small
        className="jp-oci-Button jp-mod-stop"
        onClick={props.stop}
      >
        <stopIcon.react tag="span" aria-hidden="true" />
        {trans.__('Stop')}
      </Button>
    </div>
  );
}

function Ended(props: ICellBarProps & StateOf<'ended'>): JSX.Element {
  const { trans, status, message, offer } = props;
  const Icon = ICONS[status];
  return (
    <>
      <div className={`jp-oci-CellBar-line jp-mod-${status}`} role="status">
        <Icon.react
          tag="span"
          className="jp-oci-Result-icon"
          aria-hidden="true"
        />
        <span className="jp-oci-CellBar-text">
          <MarkdownLine text={message} />
        </span>
        <Details {...props} />
        <IconButton
          icon={closeIcon}
          label={trans.__('Dismiss')}
          onClick={props.dismiss}
        />
      </div>
      {offer && <Offer {...props} {...offer} />}
    </>
  );
}

/** What the run said is in the panel. */
function Details(props: ICellBarProps): JSX.Element {
  return (
    <Button type="button" small className="jp-oci-Button" onClick={props.open}>
      {props.trans.__('Details')}
    </Button>
  );
}
