/**
 * An editor that shows how its text differs from another, and stays editable.
 */
import { language } from '@codemirror/language';
import { unifiedMergeView } from '@codemirror/merge';
import { Compartment, type Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';

/** The language of a cell's editor comes late; what was deleted is drawn once, so it is drawn anew then. */
export function difference(original: string): Extension {
  const compartment = new Compartment();
  const merge = unifiedMergeView({ original, mergeControls: false });
  const redraw = (view: EditorView) => {
    if (view.dom.isConnected) {
      view.dispatch({ effects: compartment.reconfigure([]) });
      view.dispatch({ effects: compartment.reconfigure(merge) });
    }
  };
  return [
    compartment.of(merge),
    EditorView.updateListener.of(({ view, state, startState }) => {
      if (state.facet(language) !== startState.facet(language)) {
        queueMicrotask(() => redraw(view));
      }
    })
  ];
}
