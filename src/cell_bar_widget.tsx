/**
 * The bar below one code cell's outputs.
 */
import type { CodeCell } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { JSONExt, type JSONValue } from '@lumino/coreutils';
import type { PanelLayout } from '@lumino/widgets';
import * as React from 'react';

import type { ICellBarState } from './cell_bar_state';
import { CellBar } from './components/CellBar';
import type { Answer } from './protocol';
import type { CellIntent } from './state';

/** What the bar's buttons do. */
export interface ICellBarActions {
  /** Start one of these for the cell. */
  start(intent: CellIntent, sentence?: string): void;
  /** Run what is asked about as it stands in the cell, skip it, or say what to change. */
  decide(decision: Answer, comment?: string): Promise<void>;
  stop(): void;
  /** Scroll to a cell. */
  reveal(cellId: string): void;
  /** Show the panel. */
  open(): void;
  dismiss(): void;
  /** The keys that run a cell, as they are shown; empty if there are none. */
  keys(): string;
  titleOf(intent: CellIntent): string;
}

/** Goes into the cell as soon as the cell is drawn: in a windowed notebook that may be later, or never. */
export class CellBarWidget extends ReactWidget {
  constructor(
    readonly cell: CodeCell,
    state: ICellBarState,
    actions: ICellBarActions,
    trans: TranslationBundle
  ) {
    super();
    this._state = state;
    this._actions = actions;
    this._trans = trans;
    this.addClass('jp-oci-InCell');
    this.addClass('jp-oci-CellBar');
    void cell.ready.then(() => this._place());
  }

  set state(state: ICellBarState) {
    if (!JSONExt.deepEqual(json(state), json(this._state))) {
      this._state = state;
      this.update();
    }
  }

  /** A cell that was moved has a new widget. */
  get isInPlace(): boolean {
    return !this.isDisposed && !this.cell.isDisposed;
  }

  protected render(): JSX.Element {
    return (
      <CellBar state={this._state} trans={this._trans} {...this._actions} />
    );
  }

  /** Below the outputs, above the footer. */
  private _place(): void {
    if (this.isInPlace) {
      const layout = this.cell.layout as PanelLayout;
      layout.insertWidget(layout.widgets.length - 1, this);
    }
  }

  private _state: ICellBarState;
  private readonly _actions: ICellBarActions;
  private readonly _trans: TranslationBundle;
}

function json(state: ICellBarState): JSONValue {
  return state as unknown as JSONValue;
}
