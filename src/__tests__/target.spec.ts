import { act } from 'react';

import { FakeSession, makeRun, makeState } from './fake_session';
import { MountedView } from './mounted';

/** Where the code of the next request goes. */
describe('the switch at the prompt box', () => {
  let session: FakeSession;
  let view: MountedView;

  beforeEach(async () => {
    session = new FakeSession(makeState());
    session.counts = { here: 5 };
    view = new MountedView(session);
    await view.show();
  });
  afterEach(() => view.close());

  function choices(): HTMLInputElement[] {
    const group = view.find('[aria-label="Where the code goes"]');
    return [...group.querySelectorAll('input')];
  }

  function labels(): (string | null)[] {
    return choices().map(({ parentElement }) => parentElement!.textContent);
  }

  async function goTo(cellId: string | null): Promise<void> {
    await act(async () => {
      session.activeCellId = cellId;
      session.contentChanged.emit();
    });
  }

  async function change(): Promise<void> {
    await act(async () => choices()[1].click());
  }

  it('names the active code cell, and is at a new one', async () => {
    await goTo('here');
    expect(labels()).toEqual(['New cell', 'Change cell [5]']);
    expect(choices().map(({ checked }) => checked)).toEqual([true, false]);
    await view.type('Plot it');
    await view.press('Enter');
    expect(session.calls).toEqual([['ask', 'Plot it']]);
  });

  it('offers no change without a code cell', async () => {
    expect(labels()).toEqual(['New cell', 'Change a cell']);
    expect(choices()[1].disabled).toBe(true);
  });

  it('has the active cell changed, once', async () => {
    await goTo('here');
    await change();
    await view.type('Use the median');
    await view.press('Enter');
    await view.type('Plot it');
    await view.press('Enter');
    expect(session.calls).toEqual([
      ['askAbout', 'edit', 'here', 'Use the median'],
      ['ask', 'Plot it']
    ]);
  });

  it('follows the active cell; out of code the next cell is a new one', async () => {
    await goTo('elsewhere');
    await change();
    await goTo('here');
    expect(choices()[1].checked).toBe(true);
    await goTo(null);
    expect(choices()[0].checked).toBe(true);
    await view.type('Plot it');
    await view.press('Enter');
    expect(session.calls).toEqual([['ask', 'Plot it']]);
  });

  it('stays as it was when sending fails', async () => {
    await goTo('here');
    await change();
    session.failure = new Error('The queue is full.');
    await view.type('Use the median');
    await view.press('Enter');
    expect(choices()[1].checked).toBe(true);
  });

  it('is one for each notebook', async () => {
    await goTo('here');
    await change();
    await view.show({ notebookId: 'other', path: 'other.ipynb' });
    expect(choices()[0].checked).toBe(true);
    await view.show({ notebookId: 'demo', path: 'demo.ipynb' });
    expect(choices()[1].checked).toBe(true);
  });

  it('tells what will be sent of the cell', async () => {
    await goTo('here');
    await change();
    jest.useFakeTimers();
    await view.click('What will be sent');
    await act(async () => jest.runAllTimers());
    jest.useRealTimers();
    expect(session.calls).toEqual([['preview', '', 'here']]);
  });

  it('comes back with a change that is asked for again', async () => {
    await goTo('elsewhere');
    const run = makeRun({
      intent: 'edit',
      targetCellId: 'here',
      prompt: 'Use the median',
      status: 'gave_up'
    });
    await view.show({ runs: [run] });
    expect(view.find('.jp-oci-Prompt').textContent).toBe(
      'Change cell [5]: Use the median'
    );
    await view.click('Ask again');
    expect(session.calls).toEqual([['reveal', 'here']]);
    expect(choices()[1].checked).toBe(true);
    expect(view.prompt.value).toBe('Use the median');
  });
});
