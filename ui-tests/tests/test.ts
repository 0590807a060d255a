/**
 * galata's test, with a folder of its own for each try: the server remembers what the agent did in a notebook.
 */
import { galata, test as base } from '@jupyterlab/galata';

export { expect, galata } from '@jupyterlab/galata';

export const test = base.extend({
  tmpPath: async ({ tmpPath, request }, use, { retry }) => {
    const folder = `${tmpPath}/try-${retry}`;
    await galata.newContentsHelper(request).createDirectory(folder);
    await use(folder);
  }
});
