import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Drafts } from '../drafts';
import type { ISession, ISessionState } from '../state';
import { Announcer } from './Announcer';
import { AgentContext, type IAgentContext } from './context';
import { Header } from './Header';
import { Notices } from './Notices';
import { PromptBox } from './PromptBox';
import { RunList } from './RunList';
import { StatusLine } from './StatusLine';

interface IAgentViewProps {
  session: ISession;
  state: ISessionState;
  languages: IEditorLanguageRegistry;
  trans: TranslationBundle;
  drafts: Drafts;
}

/** The whole panel, as a function of the session's state. */
export function AgentView(props: IAgentViewProps): JSX.Element {
  const { session, state, languages, trans, drafts } = props;
  const { notebookId, path, language } = state;
  const input = React.useRef<HTMLTextAreaElement>(null);
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);

  const context = React.useMemo<IAgentContext>(
    () => ({
      session,
      languages,
      trans,
      language,
      focusPrompt: () => input.current?.focus(),
      suggest: (prompt, edits = false) => {
        drafts.restore({ notebookId, path }, prompt);
        drafts.setEdit({ notebookId, path }, edits);
        redraw();
        input.current?.focus();
      }
    }),
    [session, languages, trans, language, drafts, notebookId, path]
  );
  return (
    <AgentContext.Provider value={context}>
      <Header state={state} />
      <Notices state={state} />
      <RunList key={`runs of ${notebookId}`} state={state} />
      <StatusLine state={state} />
      <PromptBox
        key={`prompt of ${notebookId}`}
        state={state}
        drafts={drafts}
        inputRef={input}
        onDraft={redraw}
      />
      <Announcer state={state} />
    </AgentContext.Provider>
  );
}
