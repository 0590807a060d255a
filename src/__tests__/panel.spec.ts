import { EditorLanguageRegistry } from '@jupyterlab/codemirror';
import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { AgentPanel } from '../panel';
import { FakeSession } from './fake_session';

let session: FakeSession;
let panel: AgentPanel;

beforeEach(() => {
  session = new FakeSession();
  panel = new AgentPanel({
    session,
    languages: new EditorLanguageRegistry(),
    translator: nullTranslator
  });
  Widget.attach(panel, document.body);
});

afterEach(() => panel.dispose());

function lookAtPage(): void {
  document.dispatchEvent(new Event('visibilitychange'));
}

it('looks at the models when it is shown, and when its page is', () => {
  panel.hide();
  expect(session.calls).toEqual([]);
  panel.show();
  expect(session.calls).toEqual([['refresh']]);
  lookAtPage();
  expect(session.calls).toHaveLength(2);
});

it('does not while it is hidden or gone', () => {
  panel.hide();
  lookAtPage();
  panel.dispose();
  lookAtPage();
  expect(session.calls).toEqual([]);
});
