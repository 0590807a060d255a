/**
 * Write the sources of a run's cells into a notebook; what the user changed is never overwritten.
 */
import type {
  ISharedCodeCell,
  ISharedNotebook,
  SharedCell,
  YNotebook
} from '@jupyter/ydoc';

import type { ICellRecord, RunRecord } from './record';
import { UndoStep, undoableIn } from './undo';

/** The first minor version of nbformat 4 in which a file holds the ids of its cells. */
const WITH_IDS = 5;

/** Cells are addressed by id; one that the user deleted, or made another type of, is left alone. */
export class CellWriter {
  constructor(notebook: ISharedNotebook, record: RunRecord) {
    this._notebook = notebook;
    this._record = record;
    this._step = new UndoStep(notebook);
  }

  /** A change of the document is ours. */
  isWriting = false;

  /** Cells in which the user's own edit stands. */
  readonly conflicts = new Set<string>();

  /** The agent's versions in whose stead the user wants their own, by cell. */
  readonly declined = new Map<string, string>();

  /** The conflicts that the user is to be asked about, with the agent's version. */
  get open(): { cellId: string; offered: string }[] {
    return [...this.conflicts]
      .map(cellId => ({
        cellId,
        offered: latest(this._record.cells.get(cellId)!)
      }))
      .filter(({ cellId, offered }) => {
        const source = this.find(cellId)?.getSource() ?? offered;
        return source !== offered && this.declined.get(cellId) !== offered;
      });
  }

  /** Whether anything in the document still stands as the run wrote it. */
  get undoable(): boolean {
    return [...this._record.cells.values()].some(cell => this._isOurs(cell));
  }

  /** Look at a cell that was perhaps written elsewhere: before this page was opened, or while another one drove. */
  adopt(record: ICellRecord): void {
    const { cellId, versions, inserted, base } = record;
    const cell = this.find(cellId);
    if (!cell) {
      return;
    }
    const source = cell.getSource();
    // A document may have been saved while text came: what stands there then is how it begins, and has not been run.
    const mayBeBegun = base === null && !hasRun(cell);
    const ours = versions.some(version =>
      mayBeBegun ? version.startsWith(source) : version === source
    );
    if (this._written.has(cellId) && !ours) {
      return;
    }
    if (inserted) {
      this._written.set(cellId, ours ? source : latest(record));
    } else {
      this._revise(record, source, ours);
    }
  }

  /** Bring a cell to the agent's version; false when the user's edit stands there or the cell is gone. */
  sync(record: ICellRecord): boolean {
    const cell = this.find(record.cellId) ?? this._insert(record);
    if (!cell) {
      return false;
    }
    if (!this._written.has(record.cellId)) {
      this.adopt(record);
    }
    if (this.mark(record.cellId)) {
      return false;
    }
    this._write(cell, latest(record));
    return true;
  }

  /** What was last written or approved in a cell. */
  written(cellId: string): string | undefined {
    return this._written.get(cellId);
  }

  /** Whether the agent's version stands in a cell. */
  holds(record: ICellRecord): boolean {
    return this.find(record.cellId)?.getSource() === latest(record);
  }

  /** Note whether the user's own edit stands in a cell; give the same. */
  mark(cellId: string): boolean {
    const cell = this.find(cellId);
    const written = this.written(cellId);
    const isEdited =
      !!cell && written !== undefined && cell.getSource() !== written;
    if (isEdited) {
      this.conflicts.add(cellId);
    } else {
      this.conflicts.delete(cellId);
    }
    return isEdited;
  }

  /** The user approved this source: the agent may go on from it. */
  approve(cellId: string, source: string): void {
    this._written.set(cellId, source);
    this.conflicts.delete(cellId);
  }

  /** Put the agent's version into a cell that the user had changed. */
  accept(record: ICellRecord): void {
    const cell = this.find(record.cellId);
    if (cell) {
      this._write(cell, latest(record));
      this.conflicts.delete(record.cellId);
    }
  }

  /** Take back what still stands as the run wrote it; give the cells that are as they were before. */
  undo(): string[] {
    const revised = [...this._record.cells.values()].filter(
      cell => !cell.inserted && this._isOurs(cell)
    );
    const takeBack = () =>
      this._notebook.transact(() => {
        // The list of cells is brought up only after the transaction: from the last on, every index stays right.
        [...this._record.cells.values()]
          .sort((a, b) => this._index(b.cellId) - this._index(a.cellId))
          .forEach(record => this._takeBack(record));
      });
    const cells = revised.map(({ cellId }) => this.find(cellId)!);
    this._change(() => undoableIn(cells, this._notebook, takeBack));
    return revised.map(({ cellId }) => cellId);
  }

  find(cellId: string): ISharedCodeCell | null {
    const cell = this._notebook.cells[this._index(cellId)];
    return cell?.cell_type === 'code' ? (cell as ISharedCodeCell) : null;
  }

  private _index(cellId: string): number {
    return this._notebook.cells.findIndex(cell => cell.getId() === cellId);
  }

  private _insert(record: ICellRecord): ISharedCodeCell | null {
    const { cellId, afterCellId, inserted } = record;
    if (!inserted || this._written.has(cellId) || this._index(cellId) >= 0) {
      return null;
    }
    const above = afterCellId ? this._index(afterCellId) : -1;
    const index = above < 0 ? this._notebook.cells.length : above + 1;
    const blank =
      afterCellId && this._isBlank(afterCellId) ? afterCellId : null;
    this._change(() =>
      this._step.extend(() => {
        this._notebook.insertCell(index, emptyCell(cellId));
        if (blank) {
          this._notebook.deleteCell(above);
          this._replaced.set(cellId, blank);
        }
      })
    );
    this._written.set(cellId, '');
    return this.find(cellId);
  }

  /** A cell of the user's in which nothing stands: what is put below it takes its place. */
  private _isBlank(cellId: string): boolean {
    const cell = this.find(cellId);
    return (
      !!cell &&
      !this._record.cells.has(cellId) &&
      !cell.getSource().trim() &&
      !hasRun(cell) &&
      cell.getMetadata('deletable') !== false
    );
  }

  /** The cell stood there before the run, or holds an earlier attempt of it. A fix is only for the source that it was made for. */
  private _revise(record: ICellRecord, source: string, ours: boolean): void {
    const { cellId, base } = record;
    this._written.set(cellId, ours ? source : (base ?? source));
    if (base !== null || !ours) {
      this._originals.set(cellId, base ?? source);
    }
  }

  private _write(cell: ISharedCodeCell, source: string): void {
    const before = cell.getSource();
    this._written.set(cell.getId(), source);
    if (source === before) {
      return;
    }
    const write = () =>
      this._step.extend(() =>
        source.startsWith(before)
          ? cell.updateSource(
              before.length,
              before.length,
              source.slice(before.length)
            )
          : cell.setSource(source)
      );
    const isOwn = this._record.cells.get(cell.getId())?.inserted;
    this._change(() =>
      isOwn ? write() : undoableIn([cell], this._notebook, write)
    );
  }

  private _takeBack(record: ICellRecord): void {
    const { cellId, inserted } = record;
    if (!this._isOurs(record)) {
      return;
    }
    if (inserted) {
      const index = this._index(cellId);
      const blank = this._replaced.get(cellId);
      this._notebook.deleteCell(index);
      if (blank !== undefined) {
        this._notebook.insertCell(index, emptyCell(blank));
      }
    } else {
      this.find(cellId)?.setSource(this._originals.get(cellId) ?? '');
    }
  }

  private _isOurs({ cellId, versions, inserted }: ICellRecord): boolean {
    const source = this.find(cellId)?.getSource();
    return (
      source !== undefined &&
      source === this._written.get(cellId) &&
      versions.includes(source) &&
      (inserted || this._originals.has(cellId))
    );
  }

  /** JupyterLab leaves the ids out of older notebooks when it saves them, and our cells could not be found again. */
  private _keepIds(): void {
    const notebook = this._notebook as YNotebook;
    if (notebook.nbformat_minor < WITH_IDS) {
      notebook.nbformat_minor = WITH_IDS;
    }
  }

  private _change(change: () => void): void {
    this.isWriting = true;
    try {
      this._keepIds();
      change();
    } finally {
      this.isWriting = false;
    }
  }

  private readonly _notebook: ISharedNotebook;
  private readonly _record: RunRecord;
  private readonly _step: UndoStep;
  /** What was last written or approved, by cell. */
  private readonly _written = new Map<string, string>();
  /** What stood before the run in cells that it revises. */
  private readonly _originals = new Map<string, string>();
  /** Ids of the blank cells whose place ours took, by cell. */
  private readonly _replaced = new Map<string, string>();
}

function hasRun(cell: ISharedCodeCell): boolean {
  return cell.execution_count !== null || cell.getOutputs().length > 0;
}

function emptyCell(id: string): SharedCell.Cell {
  return { id, cell_type: 'code', source: '', metadata: { trusted: true } };
}

/** The agent's version of a cell. */
export function latest(record: ICellRecord): string {
  return record.versions[record.versions.length - 1];
}
