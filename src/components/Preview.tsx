import * as React from 'react';

import { formatCount } from '../format';
import { visibleProse } from '../invisibles';
import type { IPreview } from '../protocol';
import { useContentRevision } from './contentRevision';
import { useAgent } from './context';
import { Disclosure } from './Disclosure';

/** The user is still typing, or a cell still writes: wait this long before asking again. */
const SETTLE_MS = 500;

type Answer = { preview: IPreview } | { failure: string } | null;

/** The preview of a prompt, asked again when the prompt or the notebook changes. */
function usePreview(prompt: string, cellId: string | null): Answer {
  const { session } = useAgent();
  const [answer, setAnswer] = React.useState<Answer>(null);
  const revision = useContentRevision(session);
  const isFirst = React.useRef(true);

  React.useEffect(() => {
    let current = true;
    const delay = isFirst.current ? 0 : SETTLE_MS;
    isFirst.current = false;
    const timer = window.setTimeout(() => {
      session.preview(prompt, cellId).then(
        preview => current && setAnswer({ preview }),
        error =>
          current && setAnswer({ failure: String(error.message ?? error) })
      );
    }, delay);
    return () => {
      current = false;
      window.clearTimeout(timer);
    };
  }, [session, prompt, cellId, revision]);
  return answer;
}

function Contents(props: { preview: IPreview }): JSX.Element {
  const { trans } = useAgent();
  const { messages, total_tokens, window, exact, dropped_cells } =
    props.preview;
  const total = exact
    ? trans.__(
        '%1 of %2 tokens',
        formatCount(total_tokens),
        formatCount(window)
      )
    : trans.__(
        'About %1 of %2 tokens (counted exactly once the model is loaded)',
        formatCount(total_tokens),
        formatCount(window)
      );
  return (
    <>
      <p className="jp-oci-Preview-total">{total}</p>
      <meter
        aria-label={trans.__('Share of the window')}
        min={0}
        max={window}
        high={window * 0.9}
        value={total_tokens}
      />
      {dropped_cells > 0 && (
        <p className="jp-oci-Preview-dropped">
          {trans._n(
            '%1 cell does not fit and is left out.',
            '%1 cells do not fit and are left out.',
            dropped_cells
          )}
        </p>
      )}
      {messages.map((message, index) => (
        <Disclosure
          key={index}
          summary={
            <>
              <span className="jp-oci-Preview-role">{message.role}</span>
              <span className="jp-oci-Preview-tokens">
                {trans._n('%1 token', '%1 tokens', message.tokens)}
              </span>
            </>
          }
        >
          <pre className="jp-oci-Output" tabIndex={0}>
            {visibleProse(message.content)}
          </pre>
        </Disclosure>
      ))}
    </>
  );
}

interface IPreviewProps {
  id: string;
  prompt: string;
  /** The cell to change, if one is. */
  cellId: string | null;
}

/** Word for word what the model would get, before it is sent. */
export function Preview(props: IPreviewProps): JSX.Element {
  const { trans } = useAgent();
  const answer = usePreview(props.prompt, props.cellId);
  return (
    <section
      id={props.id}
      className="jp-oci-Preview"
      aria-label={trans.__('What will be sent')}
    >
      {answer === null && <p>{trans.__('Reading the notebook…')}</p>}
      {answer && 'failure' in answer && (
        <p className="jp-oci-Preview-failure">{answer.failure}</p>
      )}
      {answer && 'preview' in answer && <Contents preview={answer.preview} />}
    </section>
  );
}
