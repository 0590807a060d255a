/**
 * What the panel shows: runs folded from their events, and the session that the panel talks to.
 */
import type { ISignal } from '@lumino/signaling';
import type { IDisposable } from '@lumino/disposable';

import type {
  ExecutionStatus,
  IApprovalRequested,
  IContextBuilt,
  IFixProposed,
  IModelCard,
  IModels,
  Intent,
  IPreview,
  ISettings,
  IVariablesChanged,
  Mode,
  ModelAction,
  Phase,
  RunStatus
} from './protocol';

/** What can be asked about one cell. */
export type CellIntent = Exclude<Intent, 'ask'>;

/** One reply of the model and the execution of its code. */
export interface IRound {
  round: number;
  attempt: number;
  /** Markdown outside the code. */
  text: string;
  cellId: string | null;
  source: string;
  /** The source of the attempt that this one revises, for the diff. */
  previousSource: string | null;
  /** The fix that the reply proposes; `source` is empty until it is accepted. */
  proposal: IFixProposed | null;
  execution: {
    status: 'running' | ExecutionStatus;
    seconds: number | null;
    executionCount: number | null;
    ename: string;
    evalue: string;
    /** Plain text of streams and text/plain results, cut to 4,000 characters. */
    text: string;
    /** Number of outputs with an image. */
    figures: number;
  } | null;
  /** What the user wanted to be changed in it. */
  comment: string;
  /** What the model was told of the execution. */
  feedback: string;
  completionTokens: number;
  seconds: number;
}

/** A run as a card. */
export interface IRunView {
  runId: string;
  intent: Intent;
  /** The cell that it is about, if it is about one. */
  targetCellId: string | null;
  prompt: string;
  mode: Mode;
  model: string;
  maxRounds: number;
  started: number;
  status: 'running' | RunStatus;
  /** Code of `run_finished`, and its sentence. */
  reason: string;
  message: string;
  phase: Phase;
  detail: string;
  fraction: number | null;
  /** After how many seconds the cell that runs now is stopped, once that was told; else 0. */
  limit: number;
  rounds: IRound[];
  context: IContextBuilt | null;
  /** The approval that waits, if one does. */
  approval: IApprovalRequested | null;
  /** The cell of the proposed fix that waits is not as it was: it is left alone. */
  outdated: boolean;
  /** Cells in which the user's own edit stands, with the agent's version on offer. */
  conflicts: { cellId: string; offered: string }[];
  /** Whether what the run wrote into the document can be taken back in one step. */
  undoable: boolean;
  /** Whether the user took it back, here and now. */
  undone: boolean;
  /** Of the reply that is being written, or of the last one. */
  tokensPerSecond: number | null;
  /** What its code did to the kernel's variables, once it is over. */
  variables: IVariablesChanged | null;
}

/** A request that is sent once the run that goes on is done: for new cells, or for a change of one. */
export interface INextRequest {
  prompt: string;
  cellId: string | null;
}

/** All that the panel shows of the current notebook. */
export interface ISessionState {
  /** Tells an open notebook from the others, whatever its path; null when none is open. */
  notebookId: string | null;
  /** Where it lies now. */
  path: string | null;
  /** Language of the notebook's kernel, as the editor registry names it ('python', 'r', 'julia'). */
  language: string;
  /** Why a request can't be sent now, as a sentence; null when it can. */
  unavailable: string | null;
  /** A teacher or an administrator allows hints only. */
  hintOnly: boolean;
  runs: IRunView[];
  /** The run that is going on in this notebook. */
  active: IRunView | null;
  /** What waits for that. */
  next: INextRequest | null;
  mode: Mode;
  settings: ISettings | null;
  models: IModels | null;
  /** The last error of a request to the server, as a sentence. */
  error: string | null;
  connected: boolean;
}

/** The chosen model, where it is known. */
export function currentModel(models: IModels | null): IModelCard | null {
  return models?.models.find(model => model.name === models.current) ?? null;
}

/**
 * The state of the current notebook's agent, and what a user can do with it.
 *
 * A request that fails puts its sentence into `state.error` and rejects, so that the panel can give a prompt back.
 */
export interface ISession extends IDisposable {
  readonly state: ISessionState;
  readonly stateChanged: ISignal<ISession, ISessionState>;
  /** What a request carries of the notebook may be different now: cells, outputs, the active cell, what is selected. */
  readonly contentChanged: ISignal<ISession, void>;
  /** The code cell that the user is in; null where it is none. */
  readonly activeCellId: string | null;
  /** Prompts of this notebook, oldest first, for the Up key. */
  readonly prompts: readonly string[];
  ask(prompt: string): Promise<void>;
  /** Edit, fix, explain or hint at a code cell; the sentence says what it should do. */
  askAbout(
    intent: CellIntent,
    cellId: string,
    sentence?: string
  ): Promise<void>;
  /** Send a request once the run that goes on is done; whether it was sent: not when it was taken back or that run failed. */
  askNext(request: INextRequest): Promise<boolean>;
  /** Take back the request that waits. */
  withdrawNext(): void;
  /** Of a request for new cells, or for a change of one. */
  preview(prompt: string, cellId: string | null): Promise<IPreview>;
  stop(): Promise<void>;
  /** Let the cells of the run that goes on run for as long as they need. */
  liftLimit(): Promise<void>;
  /** Run the proposed code, or accept the proposed fix, exactly as it stands in its cell now. */
  runProposed(): Promise<void>;
  skipProposed(): Promise<void>;
  /** Ask for other code, or another fix, than what is proposed: as the comment says, where there is one. */
  anotherProposal(comment?: string): Promise<void>;
  /** Take back everything that a run wrote into the document. */
  undo(runId: string): void;
  /** Put the agent's version into a cell that the user had changed. */
  acceptOffered(runId: string, cellId: string): void;
  /** Leave that cell as the user has it: the agent's version is no longer offered. */
  keepOwn(runId: string, cellId: string): void;
  /** Insert code below the active cell. */
  insert(source: string): void;
  /** The number that stands beside a code cell now. */
  executionCount(cellId: string): number | null;
  /** Scroll the notebook to a cell, and make it the active one. */
  reveal(cellId: string): Promise<void>;
  setMode(mode: Mode): Promise<void>;
  setModel(name: string): Promise<void>;
  modelAction(name: string, action: ModelAction): Promise<void>;
  /** A failure is not shown: nobody asked, and a later look mends it. */
  refresh(): Promise<void>;
  clearHistory(): Promise<void>;
  dismissError(): void;
}
