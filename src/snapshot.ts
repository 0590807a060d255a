/**
 * What a request carries of the notebook: the cells around the active one, trimmed, and the selection.
 */
import type { Cell, ICodeCellModel } from '@jupyterlab/cells';
import type { ICell } from '@jupyterlab/nbformat';
import type { Notebook } from '@jupyterlab/notebook';

import { isLocked } from './code_cells';
import type { IRunRequest } from './protocol';

const MOST_CELLS = 200;
/** Of these, so many may stand below the active cell: what is above explains more. */
const MOST_BELOW = 50;
const MOST_CHARACTERS = 20_000;

type OutputModel = ReturnType<ICodeCellModel['outputs']['get']>;
type Snapshot = Pick<IRunRequest, 'cells' | 'active_cell_id' | 'selection'>;

/** Read the notebook as it is now, from where the user is, or from a cell that the request is about. */
export function snapshot(notebook: Notebook, cellId?: string): Snapshot {
  const { widgets, activeCell } = notebook;
  const center = widgets.find(({ model }) => model.id === cellId) ?? activeCell;
  return {
    cells: cellsAround(widgets, center ? widgets.indexOf(center) : -1),
    active_cell_id: center ? center.model.id : null,
    selection: center ? selectedText(center) : ''
  };
}

function cellsAround(widgets: readonly Cell[], index: number): ICell[] {
  const end = Math.min(widgets.length, index + 1 + MOST_BELOW);
  return widgets.slice(Math.max(0, end - MOST_CELLS), end).map(({ model }) => {
    const whole = model.sharedModel.getSource();
    const source = trimmed(whole);
    return {
      id: model.id,
      cell_type: model.type,
      source,
      metadata: isLocked(model) ? { editable: false } : {},
      ...(source === whole ? {} : { is_cut: true }),
      ...(model.type === 'code' ? executed(model as ICodeCellModel) : {})
    };
  });
}

function executed(model: ICodeCellModel) {
  const outputs = [];
  for (let i = 0; i < model.outputs.length; i++) {
    outputs.push(trimmedOutput(model.outputs.get(i)));
  }
  return { execution_count: model.executionCount, outputs };
}

/** Images and HTML stay here. */
function trimmedOutput(output: OutputModel) {
  if (output.type === 'stream' || output.type === 'error') {
    return JSON.parse(JSON.stringify(output.toJSON()), (_, value) =>
      typeof value === 'string' ? trimmed(value) : value
    );
  }
  const plain = output.data['text/plain'];
  return {
    output_type: output.type,
    data: plain === undefined ? {} : { 'text/plain': trimmed(joined(plain)) },
    metadata: {},
    ...(output.type === 'execute_result'
      ? { execution_count: output.executionCount }
      : {})
  };
}

function selectedText({ editor }: Cell): string {
  if (!editor) {
    return '';
  }
  const { start, end } = editor.getSelection();
  const [from, to] = [editor.getOffsetAt(start), editor.getOffsetAt(end)];
  const source = editor.model.sharedModel.getSource();
  return trimmed(source.slice(Math.min(from, to), Math.max(from, to)));
}

function joined(value: unknown): string {
  return Array.isArray(value) ? value.join('') : String(value);
}

/** The start says what it is, the end how it ended: the middle is left out. */
function trimmed(text: string): string {
  if (text.length <= MOST_CHARACTERS) {
    return text;
  }
  const mark = '\n…\n';
  const half = (MOST_CHARACTERS - mark.length) / 2;
  return text.slice(0, Math.ceil(half)) + mark + text.slice(-Math.floor(half));
}
