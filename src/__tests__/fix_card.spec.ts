import type { IFixProposed } from '../protocol';
import type { IRunView } from '../state';
import { FakeSession, makeRound, makeRun, makeState } from './fake_session';
import { MountedView } from './mounted';

const PROPOSAL: IFixProposed = {
  type: 'fix_proposed',
  seq: 1,
  time: 0,
  fix_id: 'f',
  cell_id: 'cause',
  base_sha256: '',
  base: 'x = 1',
  source: 'x = 2',
  summary: 'It was one.',
  check: 'assert x == 2',
  check_origin: 'user'
};

let session: FakeSession;
let view: MountedView;

beforeEach(() => {
  session = new FakeSession(makeState());
  session.counts = { cause: 2, bad: 4 };
  view = new MountedView(session);
});

afterEach(() => view.close());

async function show(overrides: Partial<IRunView> = {}): Promise<void> {
  const run = makeRun({
    prompt: '',
    intent: 'fix',
    targetCellId: 'bad',
    status: 'running',
    phase: 'waiting',
    rounds: [makeRound({ proposal: PROPOSAL })],
    approval: {
      type: 'approval_requested',
      seq: 2,
      time: 0,
      approval_id: 'a',
      cell_id: 'cause',
      source: 'x = 2',
      sha256: '',
      reasons: []
    },
    ...overrides
  });
  const active = run.status === 'running' ? run : null;
  await view.show({ runs: [run], active });
}

function text(): string {
  return view.find('.jp-oci-Card').textContent ?? '';
}

it('is named after what is asked of which cell', async () => {
  const title = () => view.find('.jp-oci-Prompt').textContent;
  await show();
  expect(title()).toBe('Fix cell [4]');
  await show({ prompt: 'It should be 2' });
  expect(title()).toBe('Fix cell [4]: It should be 2');
  await show({ intent: 'explain' });
  expect(title()).toBe('Explain cell [4]');
  await show({ intent: 'hint', targetCellId: 'deleted' });
  expect(title()).toBe('Hint for cell [ ]');
});

it('shows the difference, what was wrong, and what must pass', async () => {
  await show();
  expect(view.find('.cm-deletedChunk').textContent).toContain('x = 1');
  expect(text()).toContain('It was one.');
  expect(text()).toContain('from your notebook');
  expect(text()).toContain('assert x == 2');
  expect(text()).toContain('The cause is in cell [2], not in cell [4].');
});

it('takes the decision, as the cell does', async () => {
  for (const words of ['Accept', 'Reject', 'Try another']) {
    await show({ runId: words });
    await view.click(words);
  }
  expect(session.calls).toEqual([
    ['runProposed'],
    ['skipProposed'],
    ['anotherProposal', '']
  ]);
});

it('offers no acceptance where the cell was changed meanwhile', async () => {
  await show({ outdated: true });
  expect(text()).toContain('left as it is');
  expect(view.buttons('Accept')).toHaveLength(0);
  await view.click('Insert below the active cell');
  expect(session.calls).toEqual([['insert', 'x = 2']]);
});

it('shows what was accepted, when the user edited it', async () => {
  const round = makeRound({ proposal: PROPOSAL, source: 'x = 2  # mine' });
  await show({ status: 'done', approval: null, rounds: [round] });
  expect(view.find('.jp-oci-Diff').textContent).toContain('# mine');
});

it('is to be run as it is where a cell of the user’s only comes first', async () => {
  const proposal = { ...PROPOSAL, source: PROPOSAL.base };
  await show({ rounds: [makeRound({ proposal })] });
  expect(text()).toContain('Run cell [2] as it is');
  await show();
  expect(text()).toContain('Change to cell [2]');
});

it('says why nothing can be asked where only hints are given', async () => {
  await view.show({ hintOnly: true });
  expect(view.node.textContent).toContain('Only hints are given');
  expect(view.prompt.disabled).toBe(true);
});
