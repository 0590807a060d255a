import { act } from 'react';

import { FakeSession, makeRun, makeState } from './fake_session';
import { MountedView } from './mounted';

describe('the prompt box', () => {
  let session: FakeSession;
  let view: MountedView;

  beforeEach(async () => {
    session = new FakeSession(makeState(), ['oldest', 'newest']);
    view = new MountedView(session);
    await view.show();
  });
  afterEach(() => view.close());

  it('sends with Enter and is empty then', async () => {
    await view.type('  Plot it ');
    await view.press('Enter');
    expect(session.calls).toEqual([['ask', 'Plot it']]);
    expect(view.prompt.value).toBe('');
  });

  it('sends with the Send button, which then gives the focus back', async () => {
    await view.type('Plot it');
    await view.click('Send');
    expect(session.calls).toEqual([['ask', 'Plot it']]);
    expect(document.activeElement).toBe(view.prompt);
  });

  it('breaks the line with Shift+Enter', async () => {
    await view.type('Plot it');
    expect(await view.press('Enter', { shiftKey: true })).toBe(true);
    expect(session.calls).toEqual([]);
  });

  it('does not send the Enter that ends a composition', async () => {
    await view.type('にほん');
    await view.press('Enter', { isComposing: true });
    await view.press('Enter', { keyCode: 229 });
    expect(session.calls).toEqual([]);
    expect(view.prompt.value).toBe('にほん');
  });

  it('sends nothing when there is nothing to say', async () => {
    await view.type('  \n ');
    await view.press('Enter');
    expect(session.calls).toEqual([]);
    expect(view.buttons('Send')[0].disabled).toBe(true);
  });

  it('has a request wait for the run that is going on, and one at a time', async () => {
    const active = makeRun({ status: 'running' });
    await view.show({ active, runs: [active] });
    await view.type('And then');
    await view.click('Send next');
    const next = { prompt: 'And then', cellId: null };
    expect(session.calls).toEqual([['askNext', next]]);
    expect(view.prompt.value).toBe('');
    await view.show();
    expect(view.find('.jp-oci-NextRequest').textContent).toBe('Next: And then');
    await view.type('And at last');
    await view.press('Enter');
    expect(session.calls).toHaveLength(1);
    expect(view.prompt.value).toBe('And at last');
  });

  it('gives a request back that was taken back, before what was typed, and keeps the focus', async () => {
    const active = makeRun({ status: 'running' });
    await view.show({ active, runs: [active] });
    await view.type('And then');
    await view.press('Enter');
    await view.show();
    await view.type('And at last');
    await view.click('Take it back into the box');
    await view.show();
    expect(view.prompt.value).toBe('And then\nAnd at last');
    expect(document.activeElement).toBe(view.prompt);
  });

  it('is empty once the request that waited was sent', async () => {
    const active = makeRun({ status: 'running' });
    await view.show({ active, runs: [active] });
    await view.type('And then');
    await view.press('Enter');
    await act(async () => session.endNext(true));
    await view.show();
    expect(view.prompt.value).toBe('');
    expect(view.node.querySelector('.jp-oci-NextRequest')).toBeNull();
  });

  it('gives the text back when sending fails', async () => {
    session.failure = new Error('The queue is full.');
    await view.type('Plot it');
    await view.press('Enter');
    expect(view.prompt.value).toBe('Plot it');
  });

  it('walks through earlier prompts and back to the empty box', async () => {
    const seen: string[] = [];
    for (const key of [
      'ArrowUp',
      'ArrowUp',
      'ArrowUp',
      'ArrowDown',
      'ArrowDown'
    ]) {
      await view.press(key);
      view.prompt.setSelectionRange(0, 0);
      seen.push(view.prompt.value);
    }
    expect(seen).toEqual(['newest', 'oldest', 'oldest', 'newest', '']);
  });

  it.each([0, 5])('leaves what is typed to the cursor, at %s', async at => {
    await view.type('two\nlines');
    view.prompt.setSelectionRange(at, at);
    expect(await view.press('ArrowUp')).toBe(true);
    expect(view.prompt.value).toBe('two\nlines');
  });

  it('keeps a text for each notebook', async () => {
    await view.type('for the demo');
    await view.show({ notebookId: 'other', path: 'other.ipynb' });
    expect(view.prompt.value).toBe('');
    await view.type('for the other');
    await view.show({ notebookId: 'demo', path: 'demo.ipynb' });
    expect(view.prompt.value).toBe('for the demo');
  });

  it('is closed, with a reason, when nothing can be asked', async () => {
    await view.show({
      notebookId: null,
      unavailable: 'Open a notebook first.'
    });
    expect(view.prompt.disabled).toBe(true);
    expect(view.node.textContent).toContain('Open a notebook first.');
  });

  it('shows what will be sent, with its size', async () => {
    session.previewed = {
      messages: [{ role: 'user', content: 'the cells', tokens: 1200 }],
      total_tokens: 1200,
      window: 8192,
      exact: false,
      dropped_cells: 4
    };
    jest.useFakeTimers();
    await view.type('Plot it');
    await view.click('What will be sent');
    jest.runAllTimers();
    jest.useRealTimers();
    await view.show();
    expect(session.calls).toEqual([['preview', 'Plot it', null]]);
    const text = view.find('.jp-oci-Preview').textContent;
    expect(text).toMatch(/^About 1.200 of 8.192 tokens/);
    expect(text).toContain('the cells');
    expect(text).toContain('4 cells do not fit');
  });

  it('shows what will be sent of the notebook as it is by then', async () => {
    jest.useFakeTimers();
    await view.type('Plot it');
    await view.click('What will be sent');
    await act(async () => jest.runAllTimers());
    await act(async () => {
      session.contentChanged.emit();
      session.contentChanged.emit();
    });
    await act(async () => jest.runAllTimers());
    jest.useRealTimers();
    expect(session.calls).toEqual([
      ['preview', 'Plot it', null],
      ['preview', 'Plot it', null]
    ]);
  });

  it('is filled by an example', async () => {
    await view.click('Plot the numeric columns of my data');
    expect(view.prompt.value).toBe('Plot the numeric columns of my data');
    expect(session.calls).toEqual([]);
  });
});
