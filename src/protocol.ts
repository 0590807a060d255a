/**
 * What the server says, as closed unions: the events of a run, and the answers of the API (docs/api.md).
 */
import type { JSONObject } from '@lumino/coreutils';
import type { ICell } from '@jupyterlab/nbformat';

export type Mode = 'suggest' | 'ask' | 'auto';
export type Phase =
  | 'queued'
  | 'loading'
  | 'thinking'
  | 'writing'
  | 'running'
  | 'waiting'
  | 'kernel_busy';
export type RunStatus = 'done' | 'gave_up' | 'stopped' | 'failed';
export type ExecutionStatus = 'ok' | 'error' | 'timeout' | 'interrupted';
/** An approval that waits, and its source as the user has it. */
export interface IWaiting {
  approval_id: string;
  source: string;
}

/** `another`: the user wants other code, or another change of a cell; `ran`: the user ran the cell. */
export type ApprovalDecision = 'run' | 'skip' | 'another' | 'ran';

/** What the user says with a button or a key. */
export type Answer = Exclude<ApprovalDecision, 'ran'>;
export type Intent = 'ask' | 'edit' | 'fix' | 'explain' | 'hint';

interface IStamped {
  /** Position in the run, from 1 without gaps. */
  seq: number;
  /** Seconds since the epoch, by the server's clock. */
  time: number;
}

export interface IRunStarted extends IStamped {
  type: 'run_started';
  prompt: string;
  mode: Mode;
  model: string;
  max_rounds: number;
  path: string;
  kernel_id: string;
  active_cell_id: string | null;
  /** Not in runs that an earlier version kept. */
  intent?: Intent;
  target_cell_id?: string | null;
}

export interface IStatusChanged extends IStamped {
  type: 'status_changed';
  phase: Phase;
  detail: string;
  /** 0 to 1 where progress is known. */
  fraction: number | null;
  /** After how many seconds the cell that runs is stopped, once the user may want to know; 0: it no longer is; null: that is as it was. */
  limit: number | null;
}

export interface IContextBuilt extends IStamped {
  type: 'context_built';
  prompt_tokens: number;
  window: number;
  dropped_cells: number;
  shortened: string[];
}

export interface IRoundStarted extends IStamped {
  type: 'round_started';
  round: number;
  attempt: number;
  revises: string | null;
}

export interface ITextDelta extends IStamped {
  type: 'text_delta';
  text: string;
}

export interface ICellOpened extends IStamped {
  type: 'cell_opened';
  cell_id: string;
  after_cell_id: string | null;
  revises: boolean;
}

export interface ISourceDelta extends IStamped {
  type: 'source_delta';
  cell_id: string;
  text: string;
}

export interface ISourceFinished extends IStamped {
  type: 'source_finished';
  cell_id: string;
  source: string;
  sha256: string;
}

export interface IReplyFinished extends IStamped {
  type: 'reply_finished';
  prompt_tokens: number;
  cached_tokens: number;
  completion_tokens: number;
  seconds: number;
  stop_reason: 'stop' | 'length' | 'enough';
}

/** A changed source for a cell of the user's: nothing is written before it is accepted. */
export interface IFixProposed extends IStamped {
  type: 'fix_proposed';
  fix_id: string;
  /** The cell to change; it may be another than the one that failed. */
  cell_id: string;
  /** Of the source that the fix is for, hex. */
  base_sha256: string;
  base: string;
  /** The whole cell with the fix. */
  source: string;
  /** One sentence: what was wrong. */
  summary: string;
  /** The code that must pass afterwards, empty if there is none. */
  check: string;
  /** Who wants it to pass: what the user wrote, or the agent's own idea. */
  check_origin: 'user' | 'agent' | '';
}

export interface IApprovalRequested extends IStamped {
  type: 'approval_requested';
  approval_id: string;
  cell_id: string;
  source: string;
  sha256: string;
  reasons: string[];
}

export interface IApprovalResolved extends IStamped {
  type: 'approval_resolved';
  approval_id: string;
  decision: ApprovalDecision;
  source: string;
  /** What is to be changed; not in runs that an earlier version kept. */
  comment?: string;
}

export interface IExecutionStarted extends IStamped {
  type: 'execution_started';
  cell_id: string;
  /** The msg_id of the execute_request. */
  execution_id: string;
  source: string;
}

/** An IOPub message of an execution, without header. */
export interface IKernelMessage {
  msg_type: string;
  content: JSONObject;
  metadata: JSONObject;
}

export interface IKernelOutput extends IStamped {
  type: 'kernel_output';
  cell_id: string;
  execution_id: string;
  message: IKernelMessage;
}

export interface IExecutionFinished extends IStamped {
  type: 'execution_finished';
  cell_id: string;
  execution_id: string;
  status: ExecutionStatus;
  execution_count: number | null;
  seconds: number;
  ename: string;
  evalue: string;
  payload: JSONObject[];
}

export interface IFeedbackGiven extends IStamped {
  type: 'feedback_given';
  text: string;
}

/** What the run's code did to the kernel's variables: a line for each, of those that are gone the name. */
export interface IVariablesChanged extends IStamped {
  type: 'variables_changed';
  new: string[];
  changed: string[];
  gone: string[];
}

export interface IRunFinished extends IStamped {
  type: 'run_finished';
  status: RunStatus;
  rounds: number;
  reason: string;
  message: string;
}

export type RunEvent =
  | IRunStarted
  | IStatusChanged
  | IContextBuilt
  | IRoundStarted
  | ITextDelta
  | ICellOpened
  | ISourceDelta
  | ISourceFinished
  | IReplyFinished
  | IFixProposed
  | IApprovalRequested
  | IApprovalResolved
  | IExecutionStarted
  | IKernelOutput
  | IExecutionFinished
  | IFeedbackGiven
  | IVariablesChanged
  | IRunFinished;

/** Frames that speak of the connection, not of the run. */
export type ConnectionFrame = ILease | { type: 'ping' };

/** Whether this client applies the run to the document. */
export interface ILease {
  type: 'lease';
  driver: boolean;
  /** Of the run's newest event: up to it, another client may have applied them. */
  last_seq: number;
}

export interface IRunCard {
  run_id: string;
  path: string;
  kernel_id: string;
  prompt: string;
  mode: Mode;
  model: string;
  status: 'running' | RunStatus;
  settled: boolean;
  started: number;
  last_seq: number;
}

export type ModelState =
  'absent' | 'downloading' | 'available' | 'loading' | 'ready' | 'failed';

export type ModelAction = 'download' | 'cancel' | 'load' | 'unload' | 'remove';

export interface IModelCard {
  name: string;
  title: string;
  license: string;
  /** What it was made of, with the licence of that. */
  base: string;
  parameters: string;
  download_bytes: number;
  /** What is left of a download that did not end: the next one goes on from there. */
  kept_bytes: number;
  /** What opening it takes at its peak. */
  memory_bytes: number;
  /** What is still to be taken of the disk, for the download and what is made of it. */
  disk_bytes: number;
  /** What it takes of graphics cards in bf16. */
  gpu_memory_bytes: number;
  /** The same in 4 bits; 0 where its files do not allow it. */
  gpu_4bit_bytes: number;
  context_window: number;
  /** Where it is served; empty: in a process beside the Jupyter server. */
  host: string;
  /** What is sent to it stays on the machine of the Jupyter server. */
  is_local: boolean;
  fits: boolean;
  /** What there is too little of here, in words; empty when it fits. */
  obstacle: string;
  /** An estimate for the CPU; null where nothing is known. */
  tokens_per_second: number | null;
  state: ModelState;
  detail: string;
  fraction: number | null;
}

export interface IModels {
  current: string;
  models: IModelCard[];
}

/** The mode of a notebook, as the server holds it. */
export interface IHeldMode {
  mode: Mode;
  /** Whether it was set for this notebook; else it is the server's. */
  chosen: boolean;
}

export interface ISettings {
  mode: Mode;
  max_rounds: number;
  model: string;
  limits: { max_rounds: number };
  /** The administrator allows hints only. */
  hint_only: boolean;
  locked: string[];
  version: string;
}

export interface IRunRequest {
  path: string;
  kernel_id: string;
  prompt: string;
  /** With `is_cut: true` where the middle of a long source was left out. */
  cells: ICell[];
  active_cell_id: string | null;
  selection: string;
  language: string;
  client_id: string;
  mode?: Mode;
  max_rounds?: number;
  intent?: Intent;
  /** The cell that an intent other than `ask` is for. */
  target_cell_id?: string | null;
  /** The notebook's metadata say `{"jupyter_oci": {"hint_only": true}}`. */
  hint_only?: boolean;
  /** What the user wants of every request. */
  instructions?: string;
}

export interface IPreview {
  messages: { role: string; content: string; tokens: number }[];
  total_tokens: number;
  window: number;
  exact: boolean;
  dropped_cells: number;
}
