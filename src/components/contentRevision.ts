import * as React from 'react';

import type { ISession } from '../state';

/** A number that changes with what a request carries of the notebook. */
export function useContentRevision({ contentChanged }: ISession): number {
  const [revision, count] = React.useReducer((seen: number) => seen + 1, 0);
  React.useEffect(() => {
    contentChanged.connect(count);
    return () => void contentChanged.disconnect(count);
  }, [contentChanged]);
  return revision;
}
