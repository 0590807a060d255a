import { caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

interface IDisclosureProps {
  summary: React.ReactNode;
  children: React.ReactNode;
}

/** Something to be opened by those who want to know. */
export function Disclosure(props: IDisclosureProps): JSX.Element {
  return (
    <details className="jp-oci-Disclosure">
      <summary>
        <caretRightIcon.react
          tag="span"
          className="jp-oci-Disclosure-caret"
          aria-hidden="true"
        />
        {props.summary}
      </summary>
      {props.children}
    </details>
  );
}
