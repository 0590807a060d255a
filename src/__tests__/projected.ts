/**
 * A notebook of two cells, before each test anew, to which a run's events are applied.
 */
import type { CodeCell, ICodeCellModel } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import {
  initNotebookContext,
  NBTestUtils
} from '@jupyterlab/notebook/lib/testutils';
import type { KernelMessage } from '@jupyterlab/services';
import { ServiceManagerMock } from '@jupyterlab/services/lib/testutils';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import { LateOutputs } from '../late_outputs';
import { Projection } from '../notebook';
import type { RunEvent } from '../protocol';

export let panel: NotebookPanel;
export let projection: Projection;
export let late: LateOutputs;
const kernel = {};
export const iopub = new Signal<object, KernelMessage.IMessage>(kernel);

beforeEach(async () => {
  Element.prototype.scrollIntoView = jest.fn(); // jsdom lays nothing out
  const context = await initNotebookContext({
    manager: new ServiceManagerMock()
  });
  panel = NBTestUtils.createNotebookPanel(context);
  shared().deleteCellRange(0, shared().cells.length);
  shared().insertCells(0, [
    { cell_type: 'code', id: 'first', source: 'x = 1' },
    { cell_type: 'code', id: 'second', source: 'y = 2' }
  ]);
  shared().clearUndoHistory();
  Widget.attach(panel, document.body);
  const session = { kernel: { clientId: 'this-page' } };
  late = new LateOutputs({ iopubMessage: iopub, session } as never);
  projection = new Projection(panel, late);
});

afterEach(() => {
  projection.dispose();
  late.dispose();
  panel.dispose();
});

export function shared() {
  return panel.content.model!.sharedModel;
}

export function ids(): string[] {
  return shared().cells.map(cell => cell.getId());
}

export function cell(id: string) {
  return shared().cells.find(candidate => candidate.getId() === id)!;
}

function widget(id: string): CodeCell {
  return panel.content.widgets.find(
    candidate => candidate.model.id === id
  ) as CodeCell;
}

export function model(id: string): ICodeCellModel {
  return widget(id).model;
}

export function outputs(id: string) {
  return model(id).outputs.toJSON();
}

export function tell(...events: RunEvent[]): void {
  events.forEach(event => projection.apply(event));
}

/** Pretend that the user types. */
export function type(id: string, text: string): void {
  cell(id).setSource(text);
}

/** Wait until what was typed is told. */
export function rested(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 200));
}

/** As after the page was loaded again. */
export function reopened(): Projection {
  projection.dispose();
  projection = new Projection(panel, late);
  return projection;
}
