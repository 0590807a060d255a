/**
 * What a run tells, in the words of the tests.
 */
import type { ExecutionStatus, RunEvent } from '../protocol';

export type Unstamped<T> = T extends RunEvent ? Omit<T, 'seq' | 'time'> : never;

let seq = 0;

function event(unstamped: Unstamped<RunEvent>): RunEvent {
  seq += 1;
  return { ...unstamped, seq, time: 1000 + seq };
}

export function begun(): RunEvent {
  return event({
    type: 'run_started',
    prompt: '',
    mode: 'auto',
    model: 'small',
    max_rounds: 3,
    path: '',
    kernel_id: '',
    active_cell_id: null
  });
}

export function opened(
  cell_id: string,
  after_cell_id: string | null = null,
  revises = false
): RunEvent {
  return event({ type: 'cell_opened', cell_id, after_cell_id, revises });
}

export function delta(cell_id: string, text: string): RunEvent {
  return event({ type: 'source_delta', cell_id, text });
}

export function source(cell_id: string, text: string): RunEvent {
  return event({ type: 'source_finished', cell_id, source: text, sha256: '' });
}

/** A cell with its whole source. */
export function written(
  cell_id: string,
  text: string,
  after: string | null = null
): RunEvent[] {
  return [opened(cell_id, after), source(cell_id, text)];
}

export function revised(cell_id: string, text: string): RunEvent[] {
  return [opened(cell_id, null, true), source(cell_id, text)];
}

export function asked(cell_id: string, text: string): RunEvent {
  return event({
    type: 'approval_requested',
    approval_id: 'approval',
    cell_id,
    source: text,
    sha256: '',
    reasons: []
  });
}

export function approved(text: string): RunEvent {
  return event({
    type: 'approval_resolved',
    approval_id: 'approval',
    decision: 'run',
    source: text
  });
}

export function started(cell_id: string, execution_id: string): RunEvent {
  return event({
    type: 'execution_started',
    cell_id,
    execution_id,
    source: ''
  });
}

export function said(
  cell_id: string,
  execution_id: string,
  msg_type: string,
  content: object
): RunEvent {
  return event({
    type: 'kernel_output',
    cell_id,
    execution_id,
    message: { msg_type, content: content as never, metadata: {} }
  });
}

export function printed(
  cell_id: string,
  execution_id: string,
  text: string
): RunEvent {
  return said(cell_id, execution_id, 'stream', { name: 'stdout', text });
}

export function ended(
  cell_id: string,
  execution_id: string,
  execution_count: number | null,
  status: ExecutionStatus = 'ok',
  payload: { source: string; text: string; replace: boolean }[] = []
): RunEvent {
  return event({
    type: 'execution_finished',
    cell_id,
    execution_id,
    status,
    execution_count,
    seconds: 1,
    ename: '',
    evalue: '',
    payload
  });
}

/** A whole execution that prints. */
export function executed(
  cell_id: string,
  execution_id: string,
  count: number,
  text: string
): RunEvent[] {
  return [
    started(cell_id, execution_id),
    printed(cell_id, execution_id, text),
    ended(cell_id, execution_id, count)
  ];
}

export function finished(): RunEvent {
  return event({
    type: 'run_finished',
    status: 'done',
    rounds: 1,
    reason: 'done',
    message: ''
  });
}
