import { readFileSync } from 'fs';
import { join } from 'path';

import { fold } from '../fold';
import { unfolded } from '../folded_run';
import type { RunEvent } from '../protocol';
import { RunRecord } from '../record';

/** One of each event, as Python says it; tests/test_events.py reads the same file. */
const EVENTS = readFileSync(
  join(__dirname, '../../tests/protocol.jsonl'),
  'utf8'
)
  .trim()
  .split('\n')
  .map(line => JSON.parse(line) as RunEvent);

/** The fields that the page expects; the compiler holds this to `RunEvent`. */
const FIELDS: { [T in RunEvent['type']]: FieldsOf<T> } = {
  run_started: {
    prompt: 'string',
    mode: 'string',
    model: 'string',
    max_rounds: 'number',
    path: 'string',
    kernel_id: 'string',
    active_cell_id: 'string',
    intent: 'string',
    target_cell_id: 'string'
  },
  status_changed: {
    phase: 'string',
    detail: 'string',
    fraction: 'number',
    limit: 'number'
  },
  context_built: {
    prompt_tokens: 'number',
    window: 'number',
    dropped_cells: 'number',
    shortened: 'object'
  },
  round_started: { round: 'number', attempt: 'number', revises: 'object' },
  text_delta: { text: 'string' },
  cell_opened: {
    cell_id: 'string',
    after_cell_id: 'string',
    revises: 'boolean'
  },
  source_delta: { cell_id: 'string', text: 'string' },
  source_finished: { cell_id: 'string', source: 'string', sha256: 'string' },
  reply_finished: {
    prompt_tokens: 'number',
    cached_tokens: 'number',
    completion_tokens: 'number',
    seconds: 'number',
    stop_reason: 'string'
  },
  fix_proposed: {
    fix_id: 'string',
    cell_id: 'string',
    base_sha256: 'string',
    base: 'string',
    source: 'string',
    summary: 'string',
    check: 'string',
    check_origin: 'string'
  },
  approval_requested: {
    approval_id: 'string',
    cell_id: 'string',
    source: 'string',
    sha256: 'string',
    reasons: 'object'
  },
  approval_resolved: {
    approval_id: 'string',
    decision: 'string',
    source: 'string',
    comment: 'string'
  },
  execution_started: {
    cell_id: 'string',
    execution_id: 'string',
    source: 'string'
  },
  kernel_output: {
    cell_id: 'string',
    execution_id: 'string',
    message: 'object'
  },
  execution_finished: {
    cell_id: 'string',
    execution_id: 'string',
    status: 'string',
    execution_count: 'number',
    seconds: 'number',
    ename: 'string',
    evalue: 'string',
    payload: 'object'
  },
  feedback_given: { text: 'string' },
  variables_changed: { new: 'object', changed: 'object', gone: 'object' },
  run_finished: {
    status: 'string',
    rounds: 'number',
    reason: 'string',
    message: 'string'
  }
};

type FieldsOf<T extends RunEvent['type']> = {
  [
    F in Exclude<keyof Extract<RunEvent, { type: T }>, 'seq' | 'time' | 'type'>
  ]: string;
};

it('has one example of every event that the page knows, and no other', () => {
  expect(EVENTS.map(event => event.type)).toEqual(Object.keys(FIELDS));
});

it.each(EVENTS.map(event => [event.type, event] as const))(
  'reads the fields of %s as Python writes them',
  (type, event) => {
    const kinds = Object.entries(event).map(([name, value]) => [
      name,
      typeof value
    ]);
    expect(Object.fromEntries(kinds)).toEqual({
      seq: 'number',
      time: 'number',
      type: 'string',
      ...FIELDS[type]
    });
  }
);

it('folds them into a card', () => {
  const card = { run_id: 'r', prompt: '', mode: 'ask', model: '' } as never;
  expect(EVENTS.reduce(fold, unfolded(card))).toMatchObject({
    status: 'done',
    rounds: [
      {
        source: 'sum(values)',
        execution: { status: 'ok', text: '6\n', executionCount: 4 },
        feedback: 'Execution result:\n6'
      }
    ]
  });
});

it('records what they do to the cells', () => {
  const record = new RunRecord();
  EVENTS.forEach(event => record.add(event));
  expect([...record.cells.values()]).toMatchObject([
    { cellId: 'cell-1', versions: ['sum(values)'] },
    { cellId: 'next-execution-1', versions: ['x'], afterCellId: 'cell-1' }
  ]);
});
