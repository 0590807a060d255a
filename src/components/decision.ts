import * as React from 'react';

/** Whether a question is decided, and what decides it. A decision that did not arrive can be made again. */
export function useDecision(): [
  boolean,
  (request: () => Promise<void>) => void
] {
  const [decided, setDecided] = React.useState(false);
  const decide = (request: () => Promise<void>) => {
    setDecided(true);
    request().catch(() => setDecided(false));
  };
  return [decided, decide];
}
