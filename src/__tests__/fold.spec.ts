import { fold } from '../fold';
import { unfolded } from '../folded_run';
import { waitingProposal } from '../proposal';
import type { IRunCard, RunEvent } from '../protocol';

const CARD: IRunCard = {
  run_id: 'run',
  path: 'a.ipynb',
  kernel_id: 'kernel',
  prompt: 'sum',
  mode: 'ask',
  model: 'small',
  status: 'running',
  settled: false,
  started: 100,
  last_seq: 0
};

type Unstamped<T> = T extends RunEvent ? Omit<T, 'seq' | 'time'> : never;

function run(...events: (Unstamped<RunEvent> & { time?: number })[]) {
  return events.reduce(
    (view, event, i) => fold(view, { seq: i + 1, time: 100 + i, ...event }),
    unfolded(CARD)
  );
}

const ROUND = {
  type: 'round_started',
  round: 1,
  attempt: 1,
  revises: null
} as const;
const OPENED = {
  type: 'cell_opened',
  cell_id: 'c',
  after_cell_id: null,
  revises: false
} as const;
const EXECUTING = {
  type: 'execution_started',
  cell_id: 'c',
  execution_id: 'x',
  source: 'sum(x)'
} as const;

function output(msg_type: string, content: object) {
  return {
    type: 'kernel_output',
    cell_id: 'c',
    execution_id: 'x',
    message: { msg_type, content: content as never, metadata: {} }
  } as const;
}

it('gathers prose and code of a round', () => {
  const { rounds } = run(
    ROUND,
    { type: 'text_delta', text: 'I ' },
    { type: 'text_delta', text: 'add.' },
    OPENED,
    { type: 'source_delta', cell_id: 'c', text: 'sum(' },
    { type: 'source_delta', cell_id: 'c', text: 'x)' }
  );
  expect(rounds).toMatchObject([
    { text: 'I add.', cellId: 'c', source: 'sum(x)', previousSource: null }
  ]);
});

it('keeps the attempt that a round revises', () => {
  const { rounds } = run(
    ROUND,
    OPENED,
    { type: 'source_delta', cell_id: 'c', text: 'bad' },
    { ...ROUND, round: 2, attempt: 2, revises: 'c' },
    { ...OPENED, revises: true },
    { type: 'source_delta', cell_id: 'c', text: 'good' }
  );
  expect(rounds.map(round => [round.previousSource, round.source])).toEqual([
    [null, 'bad'],
    ['bad', 'good']
  ]);
});

it('knows the limit of a cell until it is lifted or the cell is over, whatever else is said', () => {
  const status = (phase: 'running' | 'thinking', limit: number | null) => ({
    type: 'status_changed' as const,
    phase,
    detail: '',
    fraction: null,
    limit
  });
  const limits = (...events: ReturnType<typeof status>[]) =>
    run(...events).limit;
  const told = status('running', 600);
  expect(limits(status('running', null))).toBe(0);
  expect(limits(told)).toBe(600);
  expect(limits(told, status('running', null))).toBe(600);
  expect(limits(told, status('running', 0))).toBe(0);
  expect(limits(told, status('thinking', null))).toBe(0);
});

it('shows the source that the user approved', () => {
  const asked = {
    type: 'approval_requested' as const,
    approval_id: 'a',
    cell_id: 'c',
    source: 'x',
    sha256: '',
    reasons: []
  };
  expect(run(ROUND, OPENED, asked).approval).toMatchObject(asked);
  const after = run(ROUND, OPENED, asked, {
    type: 'approval_resolved',
    approval_id: 'a',
    decision: 'run',
    source: 'edited'
  });
  expect(after.approval).toBeNull();
  expect(after.rounds[0].source).toBe('edited');
});

it('keeps what the user wanted to be changed in its round, with the source as they had it', () => {
  const { rounds } = run(
    ROUND,
    OPENED,
    {
      type: 'approval_resolved',
      approval_id: 'a',
      decision: 'another',
      source: 'edited',
      comment: 'use the median'
    },
    ROUND,
    OPENED
  );
  expect(rounds).toMatchObject([
    { source: 'edited', comment: 'use the median' },
    { comment: '' }
  ]);
});

it('passes over what a newer server says', () => {
  const newer = { type: 'unheard_of', seq: 1, time: 0 } as never;
  expect(run(ROUND, newer)).toEqual(run(ROUND));
});

it('reads text and figures of the outputs', () => {
  const { rounds } = run(
    ROUND,
    OPENED,
    EXECUTING,
    output('stream', { name: 'stdout', text: 'a\n' }),
    output('display_data', { data: { 'image/png': 'AA', 'text/plain': 'Fig' } })
  );
  expect(rounds[0].execution).toMatchObject({
    status: 'running',
    text: 'a\nFig\n',
    figures: 1
  });
});

it('waits with clear_output(wait=True) for the next output', () => {
  const events = [
    ROUND,
    OPENED,
    EXECUTING,
    output('stream', { name: 'stdout', text: 'old' }),
    output('clear_output', { wait: true })
  ];
  expect(run(...events).rounds[0].execution?.text).toBe('old');
  expect(
    run(...events, output('stream', { name: 'stdout', text: 'new' })).rounds[0]
      .execution?.text
  ).toBe('new');
});

it.each([
  [['10%\r', '50%\r', '100%\n', 'done'], '100%\ndone'],
  [['one\r\ntwo'], 'one\ntwo'],
  [['[=>  ]', '\b\b\b\b\b\b[===>]'], '[===>]'],
  [['a\n\b\bb'], 'a\nb'],
  [['long\rab'], 'abng']
])('reads %j as a terminal shows it', (texts, shown) => {
  const { rounds } = run(
    ROUND,
    OPENED,
    EXECUTING,
    ...texts.map(text => output('stream', { name: 'stdout', text }))
  );
  expect(rounds[0].execution?.text).toBe(shown);
});

it('cuts the text of the outputs', () => {
  const { rounds } = run(
    ROUND,
    OPENED,
    EXECUTING,
    output('stream', { name: 'stdout', text: 'x'.repeat(5000) })
  );
  expect(rounds[0].execution?.text).toHaveLength(4001);
});

it('measures the speed from the times of the events', () => {
  const streaming = [
    ROUND,
    { type: 'text_delta', text: '1234567', time: 10 },
    { type: 'text_delta', text: '1234567', time: 12 }
  ] as const;
  expect(run(...streaming).tokensPerSecond).toBeCloseTo(2);
  const finished = run(...streaming, {
    type: 'reply_finished',
    prompt_tokens: 1,
    cached_tokens: 0,
    completion_tokens: 30,
    seconds: 9,
    stop_reason: 'stop',
    time: 13
  });
  expect(finished.tokensPerSecond).toBeCloseTo(10);
  expect(finished.rounds[0]).toMatchObject({
    completionTokens: 30,
    seconds: 9
  });
});

it('ends with the status, a code and a sentence', () => {
  expect(
    run({
      type: 'run_finished',
      status: 'gave_up',
      rounds: 3,
      reason: 'same_error',
      message: 'The same error came twice.'
    })
  ).toMatchObject({
    status: 'gave_up',
    reason: 'same_error',
    message: 'The same error came twice.',
    approval: null
  });
});

it('ends what was running, where a server that went away did not say so', () => {
  const { rounds } = run(
    ROUND,
    { type: 'cell_opened', cell_id: 'c', after_cell_id: null, revises: false },
    { type: 'execution_started', cell_id: 'c', execution_id: 'e', source: '1' },
    {
      type: 'run_finished',
      status: 'failed',
      rounds: 1,
      reason: 'server_restarted',
      message: 'The server was restarted.'
    }
  );
  expect(rounds[0].execution?.status).toBe('interrupted');
});

it('leaves the card that it was given as it was', () => {
  const before = unfolded(CARD);
  fold(before, { seq: 1, time: 1, ...ROUND });
  expect(before).toEqual(unfolded(CARD));
});

const PROPOSED = {
  type: 'fix_proposed',
  fix_id: 'f',
  cell_id: 'c',
  base_sha256: '',
  base: 'sum(y)',
  source: 'sum(x)',
  summary: 'The name is x.',
  check: 'assert sum(x) == 6',
  check_origin: 'user'
} as const;
const ASKED = {
  type: 'approval_requested',
  approval_id: 'a',
  cell_id: 'c',
  source: 'sum(x)',
  sha256: '',
  reasons: [] as string[]
} as const;

it('keeps what a run is about', () => {
  const started = {
    type: 'run_started',
    prompt: '',
    mode: 'ask',
    model: 'small',
    max_rounds: 3,
    path: '',
    kernel_id: '',
    active_cell_id: 'c'
  } as const;
  expect(run(started)).toMatchObject({ intent: 'ask', targetCellId: null });
  expect(
    run({ ...started, intent: 'hint', target_cell_id: 'c' })
  ).toMatchObject({ intent: 'hint', targetCellId: 'c' });
});

it('keeps each proposed fix in its round, and what was accepted of it', () => {
  const accept = {
    type: 'approval_resolved',
    approval_id: 'a',
    decision: 'run',
    source: 'sum(x)  # mine'
  } as const;
  const events = [ROUND, PROPOSED, ASKED, { ...accept, decision: 'another' }];
  const { rounds, approval } = run(
    ...(events as never[]),
    ROUND,
    PROPOSED,
    accept
  );
  expect(approval).toBeNull();
  expect(rounds).toMatchObject([
    { proposal: { fix_id: 'f' }, source: '' },
    { proposal: { fix_id: 'f' }, source: 'sum(x)  # mine' }
  ]);
});

it('keeps the replies of one round apart', () => {
  const replied = {
    type: 'reply_finished',
    prompt_tokens: 1,
    cached_tokens: 0,
    completion_tokens: 1,
    seconds: 1,
    stop_reason: 'stop'
  } as const;
  const said = { type: 'text_delta', text: 'No.' } as const;
  const { rounds } = run(ROUND, said, said, replied, said);
  expect(rounds[0].text).toBe('No.No.\n\nNo.');
});

it('knows the proposal that waits', () => {
  expect(waitingProposal(run(ROUND, PROPOSED))).toBeNull();
  expect(waitingProposal(run(ROUND, PROPOSED, ASKED))?.fix_id).toBe('f');
  const other = { ...ASKED, cell_id: 'other' };
  expect(waitingProposal(run(ROUND, PROPOSED, other))).toBeNull();
  expect(waitingProposal(run(ROUND, PROPOSED, ASKED, ROUND))).toBeNull();
});
