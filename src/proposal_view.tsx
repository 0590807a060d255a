/**
 * A proposed fix in a cell, in the stead of its editor: the difference, which can be edited, and the decision.
 */
import { EditorView, highlightSpecialChars, keymap } from '@codemirror/view';
import type { CodeCell } from '@jupyterlab/cells';
import { CodeEditor, CodeEditorWrapper } from '@jupyterlab/codeeditor';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Panel } from '@lumino/widgets';
import * as React from 'react';

import { isComposing } from './composing';
import { historyKey } from './history_key';
import { difference } from './difference';
import { type IHands, ProposalBar } from './components/ProposalBar';
import type { Answer, IFixProposed } from './protocol';

/** Has a document of its own: the notebook's is not touched by what happens here. */
export class ProposalView extends Panel {
  constructor(options: ProposalView.IOptions) {
    super();
    this._options = options;
    this._wantsFocus = options.takesFocus;
    this.addClass('jp-oci-Proposal');
    this._model = new CodeEditor.Model({
      mimeType: options.cell.model.mimeType
    });
    this._model.sharedModel.setSource(options.source);
    this._model.sharedModel.clearUndoHistory();
    this._model.sharedModel.changed.connect(this._onEdited, this);
    this._editor = this._makeEditor();
    this.addWidget(this._editor);
    this.addWidget(this._makeBar());
    // Before the editor and the notebook, which have other uses for these keys.
    this.node.addEventListener('keydown', this, true);
    options.cell.inputArea?.node.addEventListener('click', this);
  }

  handleEvent(event: Event): void {
    if (event.type === 'click') {
      this._focusBar(event.target as Element);
    } else if (event instanceof KeyboardEvent && this._take(event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  /** Whether the user is here. */
  get hasFocus(): boolean {
    return this.node.contains(document.activeElement);
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.node.removeEventListener('keydown', this, true);
      this._options.cell.inputArea?.node.removeEventListener('click', this);
      super.dispose();
      this._model.dispose();
    }
  }

  private _makeEditor(): CodeEditorWrapper {
    const { cell, proposal, trans } = this._options;
    const editor = new CodeEditorWrapper({
      factory: cell.contentFactory.editorFactory,
      model: this._model,
      editorOptions: {
        config: cell.editorConfig,
        extensions: [
          difference(proposal.base),
          // What is accepted must be seen.
          highlightSpecialChars(),
          keymap.of([{ key: 'Escape', run: () => this._leaveEditor() }]),
          EditorView.contentAttributes.of({
            'aria-label': trans.__('Proposed change, can be edited')
          })
        ]
      }
    });
    editor.addClass('jp-oci-Proposal-editor');
    return editor;
  }

  private _makeBar(): ReactWidget {
    const { proposal, elsewhere, reasons, trans, decide } = this._options;
    const bar = ReactWidget.create(
      <ProposalBar
        proposal={proposal}
        elsewhere={elsewhere}
        reasons={reasons}
        trans={trans}
        decide={decide}
        onShown={hands => this._onShown(hands)}
      />
    );
    bar.addClass('jp-oci-InCell');
    return bar;
  }

  /** Also when the cell was scrolled out and in again: then the focus is the user's. */
  private _onShown(hands: IHands): void {
    this._hands = hands;
    if (this._wantsFocus) {
      this._wantsFocus = false;
      hands.focus();
    }
  }

  /** The keys that stand on the buttons work for whoever clicks at the fix. */
  private _focusBar(clicked: Element): void {
    const isOwn = this._editor.node.contains(clicked);
    if (!isOwn && !clicked.closest('button, a, pre, input')) {
      this._hands?.focus();
    }
  }

  private _leaveEditor(): boolean {
    this._hands?.focus();
    return true;
  }

  /** In the editor Enter and Escape keep their meaning: with a modifier Enter accepts, Escape goes to the bar. Nothing is accepted where a word is typed. */
  private _take(event: KeyboardEvent): boolean {
    if (event.target instanceof HTMLInputElement) {
      return (
        event.key === 'Escape' && !isComposing(event) && this._leaveEditor()
      );
    }
    const inEditor = this._editor.node.contains(event.target as Node);
    const withModifier = event.shiftKey || event.ctrlKey || event.metaKey;
    if (event.key === 'Enter' && withModifier && !isComposing(event)) {
      this._hands?.accept();
      return true;
    }
    if (event.key === 'Escape' && !inEditor) {
      this._hands?.reject();
      return true;
    }
    return inEditor && this._undoOrRedo(historyKey(event));
  }

  /** JupyterLab would do it in the cell below, which is hidden. */
  private _undoOrRedo(way: 'undo' | 'redo' | null): boolean {
    if (way) {
      this._editor.editor[way]();
    }
    return way !== null;
  }

  private _onEdited(): void {
    this._options.edited(this._model.sharedModel.getSource());
  }

  private readonly _options: ProposalView.IOptions;
  private readonly _model: CodeEditor.Model;
  private readonly _editor: CodeEditorWrapper;
  private _hands: IHands | null = null;
  private _wantsFocus: boolean;
}

export namespace ProposalView {
  export interface IOptions {
    cell: CodeCell;
    proposal: IFixProposed;
    /** The fix as the user has it: it may have been edited before. */
    source: string;
    /** Where the error showed, if that is another cell. */
    elsewhere: string | null;
    reasons: string[];
    trans: TranslationBundle;
    takesFocus: boolean;
    decide(decision: Answer, comment?: string): Promise<void>;
    /** The user changed the fix. */
    edited(source: string): void;
  }
}
