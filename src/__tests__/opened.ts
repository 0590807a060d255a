/**
 * A real notebook with the agent's session, commands and what it shows in cells: all of the page but the panel.
 */
import type { CodeCell, ICodeCellModel } from '@jupyterlab/cells';
import { NotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import {
  initNotebookContext,
  NBTestUtils
} from '@jupyterlab/notebook/lib/testutils';
import { ServiceManagerMock } from '@jupyterlab/services/lib/testutils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';

import { Client } from '../client';
import { addCommands } from '../commands';
import { showInCells } from '../in_cells';
import type { NotebookSession } from '../notebook_session';
import type { IFixProposed } from '../protocol';
import { Session } from '../session';
import { sha256 } from '../sha256';
import { FakeServer } from './fake_server';

const QUIET_TURNS = 4;

export class OpenedNotebook {
  /** With code cells of these sources, by id. */
  static async open(
    cells: Record<string, string>,
    server = new FakeServer()
  ): Promise<OpenedNotebook> {
    const context = await initNotebookContext({
      manager: new ServiceManagerMock(),
      startKernel: true
    });
    // The mock gives its kernel's name as the name of the language.
    Object.defineProperty(context.sessionContext.session!.kernel, 'info', {
      value: Promise.resolve({ language_info: { name: 'python' } })
    });
    const panel = NBTestUtils.createNotebookPanel(context);
    const shared = panel.content.model!.sharedModel;
    shared.deleteCellRange(0, shared.cells.length);
    shared.insertCells(
      0,
      Object.entries(cells).map(([id, source]) => ({
        cell_type: 'code',
        id,
        source
      }))
    );
    shared.clearUndoHistory();
    const opened = new OpenedNotebook(panel, server);
    await opened.settle();
    return opened;
  }

  private constructor(
    readonly panel: NotebookPanel,
    readonly server: FakeServer
  ) {
    const trans = nullTranslator.load('jupyter_oci');
    const inCells = showInCells(this.commands, trans);
    this.session = new Session({
      client: new Client(server.serverSettings, trans),
      tracker: this._tracker,
      trans,
      attach: (view, agent, session) => {
        this.agents.push(agent);
        return inCells(view, agent, session);
      }
    });
    addCommands(this.commands, {
      session: this.session,
      open: () => void this.opened++,
      edit: () => void this.edited++,
      activeCellId: () => panel.content.activeCell?.model.id ?? null,
      trans
    });
    this._show(panel);
  }

  readonly commands = new CommandRegistry();
  readonly session: Session;
  /** Of each view. */
  readonly agents: NotebookSession[] = [];
  /** How often the panel was to be shown. */
  opened = 0;
  /** How often the user was to say how a cell is to be changed. */
  edited = 0;

  close(): void {
    this.session.dispose();
    this.panel.dispose();
  }

  /** As *New View for Notebook* does. */
  openAgain(): NotebookPanel {
    const view = NBTestUtils.createNotebookPanel(this.panel.context as never);
    this._show(view);
    this.panel.disposed.connect(() => view.dispose());
    return view;
  }

  /** Let requests, messages and React come to rest. */
  async settle(): Promise<void> {
    let changed = false;
    const observer = new MutationObserver(() => (changed = true));
    observer.observe(this.panel.node, {
      childList: true,
      subtree: true
    });
    // Turns of the event loop, not time: a busy machine must not cut them short.
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      changed = false;
      await new Promise(resolve => setTimeout(resolve, 15));
      quiet = changed ? -1 : quiet;
    }
    observer.disconnect();
  }

  cell(id: string): CodeCell {
    return this.panel.content.widgets.find(
      ({ model }) => model.id === id
    ) as CodeCell;
  }

  model(id: string): ICodeCellModel {
    return this.cell(id).model;
  }

  source(id: string): string {
    return this.model(id).sharedModel.getSource();
  }

  type(id: string, source: string): void {
    this.model(id).sharedModel.setSource(source);
  }

  fail(id: string, ename = 'NameError'): void {
    this.model(id).outputs.add({
      output_type: 'error',
      ename,
      evalue: 'x',
      traceback: []
    });
  }

  /** The buttons in a cell, by their words. */
  buttons(id: string): string[] {
    return this._buttons(id).map(({ textContent }) => textContent ?? '');
  }

  button(id: string, words: string): HTMLButtonElement {
    const found = this._buttons(id).find(({ textContent }) =>
      textContent?.startsWith(words)
    );
    if (!found) {
      throw new Error(`No button ${words} among: ${this.buttons(id)}`);
    }
    return found;
  }

  async click(id: string, words: string): Promise<void> {
    this.button(id, words).click();
    await this.settle();
  }

  /** The run says that it proposes a fix, and waits. */
  async propose(
    id: string,
    source: string,
    more: Partial<IFixProposed> = {}
  ): Promise<void> {
    const base = more.base ?? this.source(id);
    this.server.say(
      { type: 'round_started', round: 1, attempt: 1, revises: id },
      {
        type: 'fix_proposed',
        fix_id: source,
        cell_id: id,
        base,
        base_sha256: sha256(base),
        source,
        summary: 'It was wrong.',
        check: '',
        check_origin: '',
        ...more
      },
      {
        type: 'approval_requested',
        approval_id: source,
        cell_id: id,
        source,
        sha256: sha256(source),
        reasons: []
      }
    );
    await this.settle();
  }

  /** Start a fix of a cell, as its command does. */
  async fix(cellId: string, sentence?: string): Promise<void> {
    await this.commands.execute('jupyter-oci:fix-cell', { cellId, sentence });
    await this.settle();
    this.server.say({
      type: 'run_started',
      prompt: sentence ?? '',
      mode: 'ask',
      model: 'small',
      max_rounds: 3,
      path: '',
      kernel_id: '',
      active_cell_id: cellId,
      intent: 'fix',
      target_cell_id: cellId
    });
  }

  private _show(panel: NotebookPanel): void {
    Widget.attach(panel, document.body);
    void this._tracker.add(panel);
    panel.node.dispatchEvent(new FocusEvent('focus'));
  }

  private readonly _tracker = new NotebookTracker({ namespace: 'test' });

  private _buttons(id: string): HTMLButtonElement[] {
    return [
      ...this.cell(id).node.querySelectorAll<HTMLButtonElement>(
        '.jp-oci-InCell button'
      )
    ];
  }
}
