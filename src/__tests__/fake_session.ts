/**
 * A session in memory, for the view: what it is told to do is written down, and its state is what a test says.
 */
import { PromiseDelegate } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';

import type { IModelCard, IPreview, Mode, ModelAction } from '../protocol';
import type {
  CellIntent,
  INextRequest,
  IRound,
  IRunView,
  ISession,
  ISessionState
} from '../state';

export function makeModel(overrides: Partial<IModelCard> = {}): IModelCard {
  return {
    name: 'qwen2.5-coder-1.5b-instruct',
    title: 'Qwen2.5 Coder 1.5B',
    license: 'Apache-2.0',
    base: 'Qwen2.5-Coder-1.5B (Apache-2.0)',
    parameters: '1.5B',
    download_bytes: 1.12e9,
    kept_bytes: 0,
    memory_bytes: 2.4e9,
    disk_bytes: 0,
    gpu_memory_bytes: 4e9,
    gpu_4bit_bytes: 0,
    context_window: 32768,
    host: '',
    is_local: true,
    fits: true,
    obstacle: '',
    tokens_per_second: 12,
    state: 'ready',
    detail: '',
    fraction: null,
    ...overrides
  };
}

export function makeRound(overrides: Partial<IRound> = {}): IRound {
  return {
    round: 1,
    attempt: 1,
    text: '',
    cellId: null,
    source: '',
    previousSource: null,
    proposal: null,
    execution: null,
    comment: '',
    feedback: '',
    completionTokens: 0,
    seconds: 0,
    ...overrides
  };
}

export function makeExecution(
  overrides: Partial<NonNullable<IRound['execution']>> = {}
): NonNullable<IRound['execution']> {
  return {
    status: 'ok',
    seconds: 0.4,
    executionCount: 1,
    ename: '',
    evalue: '',
    text: '',
    figures: 0,
    ...overrides
  };
}

export function makeRun(overrides: Partial<IRunView> = {}): IRunView {
  return {
    runId: 'run-1',
    intent: 'ask',
    targetCellId: null,
    prompt: 'Add the values up',
    mode: 'ask',
    model: 'qwen2.5-coder-1.5b-instruct',
    maxRounds: 3,
    started: Date.now() / 1000 - 12,
    status: 'done',
    reason: 'answered',
    message: '',
    phase: 'thinking',
    detail: '',
    fraction: null,
    limit: 0,
    rounds: [],
    context: null,
    approval: null,
    outdated: false,
    conflicts: [],
    undoable: false,
    undone: false,
    tokensPerSecond: null,
    variables: null,
    ...overrides
  };
}

export function makeState(
  overrides: Partial<ISessionState> = {}
): ISessionState {
  return {
    notebookId: 'demo',
    path: 'demo.ipynb',
    language: 'python',
    unavailable: null,
    hintOnly: false,
    runs: [],
    active: null,
    next: null,
    mode: 'ask',
    settings: {
      mode: 'ask',
      max_rounds: 3,
      model: '',
      limits: { max_rounds: 10 },
      hint_only: false,
      locked: [],
      version: '0.1.0'
    },
    models: { current: makeModel().name, models: [makeModel()] },
    error: null,
    connected: true,
    ...overrides
  };
}

export class FakeSession implements ISession {
  constructor(
    public state: ISessionState = makeState(),
    public prompts: readonly string[] = []
  ) {}

  readonly stateChanged = new Signal<this, ISessionState>(this);
  readonly contentChanged = new Signal<this, void>(this);
  /** Every call, as its name and arguments. */
  readonly calls: unknown[][] = [];
  /** What a request answers with, when it shall fail. */
  failure: Error | null = null;
  previewed: IPreview = {
    messages: [],
    total_tokens: 0,
    window: 32768,
    exact: true,
    dropped_cells: 0
  };
  counts: Record<string, number> = {};
  activeCellId: string | null = null;
  isDisposed = false;
  private readonly _next = new PromiseDelegate<boolean>();

  change(overrides: Partial<ISessionState>): void {
    this.state = { ...this.state, ...overrides };
    this.stateChanged.emit(this.state);
  }

  dispose(): void {
    this.isDisposed = true;
    Signal.clearData(this);
  }

  ask(prompt: string): Promise<void> {
    return this._request('ask', prompt);
  }

  askAbout(
    intent: CellIntent,
    cellId: string,
    sentence?: string
  ): Promise<void> {
    return this._request('askAbout', intent, cellId, sentence);
  }

  askNext(request: INextRequest): Promise<boolean> {
    this.calls.push(['askNext', request]);
    this.change({ next: request });
    return this._next.promise;
  }

  /** Say whether the request that waits was sent. */
  endNext(isSent: boolean): void {
    this.change({ next: null });
    this._next.resolve(isSent);
  }

  withdrawNext(): void {
    this.calls.push(['withdrawNext']);
    this.endNext(false);
  }

  async preview(prompt: string, cellId: string | null): Promise<IPreview> {
    await this._request('preview', prompt, cellId);
    return this.previewed;
  }

  stop(): Promise<void> {
    return this._request('stop');
  }

  liftLimit(): Promise<void> {
    return this._request('liftLimit');
  }

  runProposed(): Promise<void> {
    return this._request('runProposed');
  }

  skipProposed(): Promise<void> {
    return this._request('skipProposed');
  }

  anotherProposal(comment?: string): Promise<void> {
    return this._request('anotherProposal', comment);
  }

  undo(runId: string): void {
    this.calls.push(['undo', runId]);
  }

  acceptOffered(runId: string, cellId: string): void {
    this.calls.push(['acceptOffered', runId, cellId]);
  }

  keepOwn(runId: string, cellId: string): void {
    this.calls.push(['keepOwn', runId, cellId]);
  }

  insert(source: string): void {
    this.calls.push(['insert', source]);
  }

  executionCount(cellId: string): number | null {
    return this.counts[cellId] ?? null;
  }

  reveal(cellId: string): Promise<void> {
    return this._request('reveal', cellId);
  }

  setMode(mode: Mode): Promise<void> {
    return this._request('setMode', mode);
  }

  setModel(name: string): Promise<void> {
    return this._request('setModel', name);
  }

  modelAction(name: string, action: ModelAction): Promise<void> {
    return this._request('modelAction', name, action);
  }

  refresh(): Promise<void> {
    return this._request('refresh');
  }

  clearHistory(): Promise<void> {
    return this._request('clearHistory');
  }

  dismissError(): void {
    this.calls.push(['dismissError']);
  }

  private async _request(...call: unknown[]): Promise<void> {
    this.calls.push(call);
    if (this.failure) {
      throw this.failure;
    }
  }
}
