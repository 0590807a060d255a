import { nullTranslator } from '@jupyterlab/translation';
import { EditorLanguageRegistry } from '@jupyterlab/codemirror';
import * as React from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { act } from 'react';

import { AgentContext } from '../components/context';
import { Markdown, MarkdownLine } from '../components/Markdown';
import { FakeSession } from './fake_session';
import { HOSTILE } from './hostile_markdown';

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

const ELEMENTS =
  'P H4 BLOCKQUOTE STRONG EM DEL UL OL LI TABLE THEAD TBODY TR TH TD HR BR CODE PRE DIV SPAN BUTTON SVG PATH G'.split(
    ' '
  );
const ATTRIBUTES =
  'class tabindex title type role start dir aria-label aria-hidden'.split(' ');

const context = {
  session: new FakeSession(),
  languages: new EditorLanguageRegistry(),
  trans: nullTranslator.load('jupyter_oci'),
  language: 'python',
  suggest: () => undefined,
  focusPrompt: () => undefined
};

let host: HTMLElement;
let root: Root;

beforeEach(() => {
  host = document.createElement('div');
  document.body.replaceChildren(host);
  root = createRoot(host);
});
afterEach(() => act(async () => root.unmount()));

async function render(
  text: string,
  Shown: React.ComponentType<{ text: string }> = Markdown
): Promise<HTMLElement> {
  await act(async () =>
    root.render(
      <AgentContext.Provider value={context}>
        <Shown text={text} />
      </AgentContext.Provider>
    )
  );
  return host;
}

/** What is in the tree that must not be; our own icons are left out. */
function forbidden(node: HTMLElement): string[] {
  return [...node.querySelectorAll('*')]
    .filter(element => element.closest('svg') === null)
    .flatMap(element => [
      ...(ELEMENTS.includes(element.tagName.toUpperCase())
        ? []
        : [element.tagName]),
      ...[...element.attributes]
        .filter(attribute => !ATTRIBUTES.includes(attribute.name))
        .map(attribute => `${element.tagName}[${attribute.name}]`)
    ]);
}

describe('markdown of the model', () => {
  it('has at least sixty payloads to withstand', () => {
    expect(new Set(HOSTILE).size).toBeGreaterThanOrEqual(60);
  });

  it.each(HOSTILE)('makes only elements of ours of %j', async payload => {
    const opened = jest.spyOn(window, 'open').mockReturnValue(null);
    expect(forbidden(await render(payload))).toEqual([]);
    expect(opened).not.toHaveBeenCalled();
    for (const link of host.querySelectorAll<HTMLElement>('[role=link]')) {
      link.click();
    }
    for (const [address, target, features] of opened.mock.calls) {
      expect(String(address)).toMatch(/^(https?|mailto):/);
      expect(target).toBe('_blank');
      expect(features).toBe('noopener,noreferrer');
    }
    opened.mockRestore();
  });

  it.each(HOSTILE)('makes no others of a line of %j', async payload => {
    expect(forbidden(await render(payload, MarkdownLine))).toEqual([]);
  });

  it('draws code in a line, and no blocks', async () => {
    const node = await render('# `a<b>` becomes `b`\n- x', MarkdownLine);
    expect(node.textContent).toBe('# a<b> becomes b\n- x');
    expect(node.querySelectorAll('code')).toHaveLength(2);
  });

  it('shows HTML as the text it is', async () => {
    expect((await render('a <b>raw</b> word')).textContent).toBe(
      'a <b>raw</b> word'
    );
  });

  it('says an image instead of loading it', async () => {
    expect((await render('![a chart](https://x.test/a.png)')).textContent).toBe(
      '🖼 a chart'
    );
  });

  it('draws the marks of prose', async () => {
    const node = await render(
      '# Head\n\n**bold** *soft* `code` ~~gone~~\n\n1. one\n2. two\n\n> quote\n\n| a |\n| - |\n| 1 |\n\n---'
    );
    const drawn = 'h4 strong em code del ol>li blockquote table th td hr';
    for (const selector of drawn.split(' ')) {
      expect(node.querySelector(selector)).not.toBeNull();
    }
  });

  it('lines columns up as the table says', async () => {
    const node = await render('| a | b |\n| - | -: |\n| x | 1 |');
    const [text, number] = node.querySelectorAll('td');
    expect(text.style.textAlign).toBe('');
    expect(number.style.textAlign).toBe('right');
  });

  it('shows an unfinished fence as code', async () => {
    const node = await render('Here:\n\n```python\nx = 1');
    expect(node.querySelector('pre')?.textContent).toBe('x = 1');
  });

  it('opens a link only when it is clicked, and says where it leads', async () => {
    const opened = jest.spyOn(window, 'open').mockReturnValue(null);
    const node = await render('[docs](https://example.org/a)');
    expect(node.textContent).toBe('docs (https://example.org/a)');
    expect(opened).not.toHaveBeenCalled();
    node.querySelector<HTMLElement>('[role=link]')?.click();
    expect(opened.mock.calls).toEqual([
      ['https://example.org/a', '_blank', 'noopener,noreferrer']
    ]);
    opened.mockRestore();
  });

  it('makes characters that reorder text visible', async () => {
    expect((await render('safe\u202Eevil')).textContent).toBe(
      'safe⟨U+202E⟩evil'
    );
  });

  it('reads character references once', async () => {
    expect(
      (await render('a &lt; b &amp;lt; c &#x3c;script&#62;')).textContent
    ).toBe('a < b &lt; c <script>');
  });
});
