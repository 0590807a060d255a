import * as React from 'react';

import { agentIcon } from '../icons';
import { useAgent } from './context';

/** What a notebook without runs shows: what this is for, and requests to begin with. */
export function Welcome(): JSX.Element {
  const { trans, suggest } = useAgent();
  const examples = [
    trans.__('Read a CSV file of this folder and show its first rows'),
    trans.__('Plot the numeric columns of my data'),
    trans.__('Count the missing values in each column')
  ];
  return (
    <div className="jp-oci-Welcome">
      <agentIcon.react
        tag="span"
        className="jp-oci-Welcome-icon"
        aria-hidden="true"
      />
      <h3>{trans.__('What shall be done in this notebook?')}</h3>
      <p>
        {trans.__(
          'The agent writes a cell, runs it in your kernel, reads what happened and revises it until it works.'
        )}
      </p>
      <ul>
        {examples.map(example => (
          <li key={example}>
            <button
              type="button"
              className="jp-oci-Example"
              onClick={() => suggest(example)}
            >
              {example}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
