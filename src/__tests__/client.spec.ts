import type { TranslationBundle } from '@jupyterlab/translation';

import { Client } from '../client';
import { FakeServer } from './fake_server';

/** Marks what it was given to translate. */
const trans = {
  __: (...words: unknown[]) => `«${words.join('|')}»`
} as unknown as TranslationBundle;

async function failure(answer: () => Response): Promise<string> {
  const { serverSettings } = new FakeServer();
  const fetch = async () => answer();
  const client = new Client({ ...serverSettings, fetch }, trans);
  return client.settings().then(
    () => '',
    error => error.message
  );
}

it('says in the user’s language why a request came to nothing', async () => {
  const init = { status: 502, statusText: 'Bad Gateway' };
  expect(await failure(() => new Response('', init))).toBe(
    '«The server answered %1 %2.|502|Bad Gateway»'
  );
  expect(await failure(() => new Response('', { status: 404 }))).toMatch(
    /^«The server part/
  );
  const cut = () => {
    throw new TypeError('network');
  };
  expect(await failure(cut)).toMatch(/^«The Jupyter server does not answer/);
});

it('leaves the server’s own words', async () => {
  const refused = () =>
    new Response('{"message": "It is locked."}', { status: 403 });
  expect(await failure(refused)).toBe('It is locked.');
});
