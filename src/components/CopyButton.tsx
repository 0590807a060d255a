import { Clipboard } from '@jupyterlab/apputils';
import { checkIcon, copyIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useAgent } from './context';
import { IconButton } from './IconButton';

const SHOWN_MS = 1500;

/** Copies text and says for a moment that it did. */
export function CopyButton(props: { text: string }): JSX.Element {
  const { trans } = useAgent();
  const [copied, setCopied] = React.useState(false);

  React.useEffect(() => {
    if (!copied) {
      return;
    }
    const timer = window.setTimeout(() => setCopied(false), SHOWN_MS);
    return () => window.clearTimeout(timer);
  }, [copied]);

  const copy = () => {
    Clipboard.copyToSystem(props.text);
    setCopied(true);
  };
  return (
    <IconButton
      icon={copied ? checkIcon : copyIcon}
      label={copied ? trans.__('Copied') : trans.__('Copy code')}
      onClick={copy}
    />
  );
}
