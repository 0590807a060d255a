import { act } from 'react';

import type { IApprovalRequested } from '../protocol';
import type { IRound } from '../state';
import { FakeSession, makeRound, makeRun, makeState } from './fake_session';
import { MountedView, typeInto } from './mounted';

const APPROVAL: IApprovalRequested = {
  type: 'approval_requested',
  seq: 1,
  time: 0,
  approval_id: 'a',
  cell_id: 'c',
  source: 'mean(x)',
  sha256: '',
  reasons: []
};

let session: FakeSession;
let view: MountedView;

beforeEach(async () => {
  session = new FakeSession(makeState());
  view = new MountedView(session);
  await show();
});

afterEach(() => view.close());

async function show(overrides: Partial<IRound> = {}): Promise<void> {
  const run = makeRun({
    status: 'running',
    phase: 'waiting',
    rounds: [makeRound({ cellId: 'c', source: 'mean(x)', ...overrides })],
    approval: APPROVAL
  });
  await view.show({ runs: [run], active: run });
}

it('keeps undoing in the field from the notebook', async () => {
  const heard = jest.fn();
  document.addEventListener('keydown', heard);
  await press('z', { ctrlKey: true });
  await press('y', { ctrlKey: true });
  expect(heard).not.toHaveBeenCalled();
  await press('z');
  expect(heard).toHaveBeenCalledTimes(1);
  document.removeEventListener('keydown', heard);
});

function field(): HTMLInputElement {
  return view.find('input[aria-label="What to change"]');
}

async function press(key: string, init: KeyboardEventInit = {}): Promise<void> {
  await act(async () => {
    field().dispatchEvent(
      new KeyboardEvent('keydown', { key, bubbles: true, ...init })
    );
  });
}

it('sends with Enter what is to be changed', async () => {
  field().value = ' the median instead ';
  await press('Enter');
  expect(session.calls).toEqual([['anotherProposal', 'the median instead']]);
  expect(field().disabled).toBe(true);
});

it('sends nothing while a word is composed, nor where nothing is said', async () => {
  await press('Enter');
  field().value = '中央値';
  await press('Enter', { isComposing: true });
  await press('Enter', { keyCode: 229 });
  expect(session.calls).toEqual([]);
});

it('has another one written without a word, or with the one that is typed', async () => {
  await view.click('Try another');
  expect(session.calls).toEqual([['anotherProposal', '']]);
});

it('keeps what is typed while the run is drawn anew, and where it did not arrive', async () => {
  field().value = 'the median';
  await show({ text: 'more' });
  expect(field().value).toBe('the median');
  session.failure = new Error('No answer.');
  await press('Enter');
  expect(field().value).toBe('the median');
  session.failure = null;
  await press('Enter');
  expect(session.calls).toHaveLength(2);
});

it('keeps what is typed while the user looks elsewhere, until it is sent', async () => {
  await act(async () => typeInto(field(), 'the median'));
  await view.show({ runs: [], active: null });
  await show();
  expect(field().value).toBe('the median');
  await press('Enter');
  await view.show({ runs: [], active: null });
  await show();
  expect(field().value).toBe('');
});

it('is shown in its round as it was typed', async () => {
  const comment = '**use** <b>the</b> median\u202E';
  await show({ comment });
  const shown = view.find('.jp-oci-Round-comment');
  expect(shown.textContent).toBe('You: **use** <b>the</b> median⟨U+202E⟩');
  expect(shown.querySelector('b')).toBeNull();
});
