import { unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import {
  type IEditorLanguageRegistry,
  jupyterTheme
} from '@jupyterlab/codemirror';
import * as React from 'react';

import { visibleCode } from '../invisibles';
import { useAgent } from './context';

interface IDiffViewProps {
  before: string;
  after: string;
}

async function languageSupport(
  languages: IEditorLanguageRegistry,
  language: string
): Promise<Extension> {
  const found = await languages.getLanguage(language);
  return found?.support ?? [];
}

function stateOf(props: IDiffViewProps, label: string, support: Extension) {
  return EditorState.create({
    doc: visibleCode(props.after),
    extensions: [
      jupyterTheme,
      support,
      EditorState.readOnly.of(true),
      EditorView.editable.of(false),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({
        'aria-label': label,
        'aria-readonly': 'true',
        tabindex: '0'
      }),
      unifiedMergeView({
        original: visibleCode(props.before),
        mergeControls: false,
        collapseUnchanged: { margin: 2, minSize: 4 }
      })
    ]
  });
}

/** What a revision changed, line by line. */
export const DiffView = React.memo((props: IDiffViewProps): JSX.Element => {
  const { languages, language, trans } = useAgent();
  const { before, after } = props;
  const parent = React.useRef<HTMLDivElement>(null);

  React.useEffect(() => {
    const label = trans.__('Changes to the attempt before');
    const view = new EditorView({
      parent: parent.current ?? undefined,
      state: stateOf({ before, after }, label, [])
    });
    let current = true;
    languageSupport(languages, language).then(
      support =>
        current && view.setState(stateOf({ before, after }, label, support)),
      () => undefined
    );
    return () => {
      current = false;
      view.destroy();
    };
  }, [before, after, language, languages, trans]);

  return <div className="jp-oci-Diff" ref={parent} />;
});
