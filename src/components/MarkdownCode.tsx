import { addBelowIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useAgent } from './context';
import { CopyButton } from './CopyButton';
import { HighlightedCode } from './HighlightedCode';
import { IconButton } from './IconButton';

interface IMarkdownCodeProps {
  code: string;
  /** What stands behind the fence. */
  info: string;
}

/** A code block inside prose: not a cell, but it can be made one. */
export function MarkdownCode(props: IMarkdownCodeProps): JSX.Element {
  const { session, language, trans } = useAgent();
  const named = props.info.split(/\s/, 1)[0];
  return (
    <div className="jp-oci-CodeBlock jp-mod-prose">
      <HighlightedCode code={props.code} language={named || language} />
      <div className="jp-oci-CodeBlock-actions">
        <CopyButton text={props.code} />
        <IconButton
          icon={addBelowIcon}
          label={trans.__('Insert below the active cell')}
          onClick={() => session.insert(props.code)}
        />
      </div>
    </div>
  );
}
