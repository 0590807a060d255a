import {
  FakeSession,
  makeExecution,
  makeRound,
  makeRun,
  makeState
} from './fake_session';
import { MountedView } from './mounted';

describe('a run', () => {
  let session: FakeSession;
  let view: MountedView;

  const showRun = async (overrides: Parameters<typeof makeRun>[0]) => {
    const run = makeRun(overrides);
    const active = run.status === 'running' ? run : null;
    await view.show({ runs: [run], active });
  };

  beforeEach(async () => {
    session = new FakeSession(makeState());
    view = new MountedView(session);
    await view.show();
  });
  afterEach(() => view.close());

  it('has the names that assistive technology and tests rely on', async () => {
    expect(view.find('select').getAttribute('aria-label')).toBe('Model');
    expect(view.find('[role=radiogroup]').getAttribute('aria-label')).toBe(
      'Mode'
    );
    expect(view.buttons('Send')).toHaveLength(1);
    expect(view.buttons('Stop')).toHaveLength(0);
  });

  it('can be stopped in every phase', async () => {
    const phases = ['queued', 'loading', 'thinking', 'writing', 'running'];
    for (const phase of [...phases, 'waiting', 'kernel_busy'] as const) {
      await showRun({ status: 'running', phase: phase as 'queued' });
      await view.click('Stop');
    }
    expect(session.calls).toEqual(Array(7).fill(['stop']));
  });

  it('lets a cell run on once its limit of time was told, unless that is fixed', async () => {
    const running = { status: 'running', phase: 'running' } as const;
    await showRun({ ...running, limit: 0 });
    expect(view.buttons('No limit')).toHaveLength(0);
    await showRun({ ...running, limit: 600 });
    await view.click('No limit');
    expect(session.calls).toEqual([['liftLimit']]);
    await showRun({ ...running, phase: 'thinking', limit: 600 });
    expect(view.buttons('No limit')).toHaveLength(0);
    const { settings } = session.state;
    await view.show({
      settings: { ...settings!, locked: ['execution_timeout'] }
    });
    await showRun({ ...running, limit: 600 });
    expect(view.buttons('No limit')).toHaveLength(0);
  });

  it('says what it did to variables, at once where they were the user’s', async () => {
    const lines = { new: ['by: Series length 2'], changed: [], gone: [] };
    const show = (more: object) =>
      showRun({ variables: { ...lines, ...more } as never });
    const details = () => view.find<HTMLDetailsElement>('details');
    const texts = (selector: string) =>
      [...view.node.querySelectorAll(selector)].map(node => node.textContent);
    await showRun({});
    expect(texts('details')).toEqual([]);
    await show({});
    expect(details().open).toBe(false);
    expect(texts('summary')).toEqual(['Variables since the request: 1 new']);
    await show({ changed: ['n: 1 → 2'], gone: ['rows'] });
    expect(details().open).toBe(true);
    expect(texts('summary')).toEqual([
      'Variables since the request: 1 changed, 1 deleted, 1 new'
    ]);
    expect(texts('details li')).toEqual([
      'n: 1 → 2',
      'rows: deleted',
      'by: Series length 2'
    ]);
  });

  it('says what goes on, how fast, and each thing once', async () => {
    const words = () => view.find('.jp-oci-Status-words').textContent;
    const status = 'running' as const;
    const rounds = [makeRound({ attempt: 2 })];
    await showRun({ status, phase: 'writing', rounds, tokensPerSecond: 7.25 });
    expect(words()).toMatch(/^Revising 2 of 3\d+ s · 7\.3 tokens\/s$/);
    await showRun({ status, phase: 'loading', detail: 'Loading the model' });
    expect(words()).toMatch(/^Loading the model\d+ s$/);
    await showRun({
      status,
      phase: 'loading',
      detail: 'Reading',
      fraction: 0.5
    });
    expect(words()).toMatch(/^Loading the model 50\D*%\d+ s · Reading$/);
  });

  it('shows code as it is written', async () => {
    for (const source of ['x =', 'x = 1', 'x = 1\ny = 2']) {
      const round = makeRound({ cellId: 'c', source });
      await showRun({ status: 'running', phase: 'writing', rounds: [round] });
      expect(view.find('pre').textContent).toBe(source);
    }
  });

  it('says that there was more output than is shown here', async () => {
    const round = makeRound({ cellId: 'c', source: 'x' });
    for (const [length, end] of [
      [4000, 'x'],
      [4001, '…']
    ] as const) {
      const execution = {
        status: 'ok',
        seconds: 1,
        executionCount: 1,
        ename: '',
        evalue: '',
        text: 'x'.repeat(length),
        figures: 0
      } as const;
      await showRun({ rounds: [{ ...round, execution }] });
      expect(view.find('.jp-oci-Output').textContent?.slice(-1)).toBe(end);
    }
  });

  it('shows characters that hide code', async () => {
    const round = makeRound({ cellId: 'c', source: 'x = 1 #\u202E\u200B' });
    await showRun({ rounds: [round] });
    expect(view.find('pre').textContent).toBe('x = 1 #⟨U+202E⟩⟨U+200B⟩');
  });

  it('asks before it runs, and takes the focus from nobody', async () => {
    view.prompt.focus();
    await showRun({
      status: 'running',
      phase: 'waiting',
      approval: {
        type: 'approval_requested',
        seq: 1,
        time: 0,
        approval_id: 'a',
        cell_id: 'c',
        source: '',
        sha256: '',
        reasons: ['It deletes files.']
      }
    });
    expect(view.node.textContent).toContain('It deletes files.');
    expect(document.activeElement).toBe(view.prompt);
    await view.click('Run');
    expect(session.calls).toEqual([['runProposed']]);
    expect(view.buttons('Skip')[0].disabled).toBe(true);
    expect(document.activeElement).toBe(view.prompt);
  });

  it('says what went wrong and what the revision changed', async () => {
    const failed = makeRound({
      cellId: 'c',
      source: '1 / 0',
      execution: makeExecution({
        status: 'error',
        ename: 'ZeroDivisionError',
        evalue: 'division by zero'
      })
    });
    const revised = makeRound({
      round: 2,
      attempt: 2,
      cellId: 'c',
      source: '1 / 2',
      previousSource: '1 / 0',
      execution: makeExecution()
    });
    await showRun({ rounds: [failed, revised] });
    expect(view.node.textContent).toContain(
      'ZeroDivisionError: division by zero'
    );
    expect(view.find('.cm-deletedChunk').textContent).toContain('1 / 0');
  });

  it('offers its version where the user changed the cell', async () => {
    await showRun({ conflicts: [{ cellId: 'c', offered: 'x = 2' }] });
    await view.click("Use the agent's version");
    await view.click('Keep mine');
    expect(session.calls).toEqual([
      ['acceptOffered', 'run-1', 'c'],
      ['keepOwn', 'run-1', 'c']
    ]);
  });

  it('can be undone when there is something to take back', async () => {
    await showRun({ undoable: false });
    expect(view.buttons('Undo')).toHaveLength(0);
    await showRun({ undoable: true });
    await view.click('Undo');
    expect(session.calls).toEqual([['undo', 'run-1']]);
  });

  it('says that it was undone, and what that leaves', async () => {
    const over = { status: 'done', reason: 'answered', undone: true } as const;
    const outcome = () => view.find('.jp-oci-Outcome').textContent;
    await showRun({
      ...over,
      rounds: [makeRound({ execution: makeExecution() })]
    });
    expect(outcome()).toContain('Undone');
    expect(outcome()).toContain('What it did in the kernel stays');
    expect(outcome()).not.toContain('Done');
    await showRun({ ...over, rounds: [makeRound()] });
    expect(outcome()).not.toContain('kernel');
  });

  it('counts the replies of the model, not cells that ran first nor what needed none', async () => {
    const facts = () => view.find('.jp-oci-Outcome-facts').textContent;
    const replied = makeRound({ completionTokens: 9 });
    const own = makeRound({ round: 2, completionTokens: 0 });
    await showRun({ status: 'done', rounds: [own, replied] });
    expect(facts()).toContain('1 reply');
    await showRun({ status: 'done', rounds: [own] });
    expect(facts()).not.toContain('repl');
  });

  it('calls a fix that was rejected by that name', async () => {
    await showRun({ intent: 'fix', status: 'done', reason: 'rejected' });
    const outcome = view.find('.jp-oci-Outcome').textContent;
    expect(outcome).toContain('Rejected');
    expect(outcome).not.toContain('Done');
    await showRun({ intent: 'fix', status: 'running', phase: 'waiting' });
    await showRun({ intent: 'fix', status: 'done', reason: 'rejected' });
    expect(view.find('.jp-oci-Announcer').textContent).toMatch(/^Rejected\. /);
  });

  it('gives a request that came to nothing back, in front of what is typed', async () => {
    await view.type('and more');
    await showRun({ status: 'gave_up', prompt: 'Plot it' });
    await view.click('Ask again');
    expect(view.prompt.value).toBe('Plot it\nand more');
    expect(document.activeElement).toBe(view.prompt);
    await showRun({ status: 'done', prompt: 'Plot it' });
    expect(view.buttons('Ask again')).toHaveLength(0);
    await showRun({ intent: 'fix', status: 'gave_up' });
    expect(view.buttons('Ask again')).toHaveLength(0);
  });

  it('announces a phase and the end, and nothing else', async () => {
    const words = () => view.find('.jp-oci-Announcer').textContent;
    expect(words()).toBe('');
    for (const tokensPerSecond of [1, 2]) {
      await showRun({ status: 'running', phase: 'writing', tokensPerSecond });
      expect(words()).toBe('Writing cell');
    }
    await showRun({ status: 'done', message: 'The total is 6.' });
    expect(words()).toBe('Done. The total is 6.');
  });
});
