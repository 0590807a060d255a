import { Projection } from '../notebook';
import { iopub, late, model, outputs, panel, tell } from './projected';
import {
  ended,
  executed,
  finished,
  printed,
  said,
  started,
  written
} from './told';

describe('outputs', () => {
  beforeEach(() => tell(...written('a', 'code', 'first')));

  it('merge streams and set the prompt', () => {
    tell(started('a', 'e'));
    expect(model('a').executionState).toBe('running');
    tell(printed('a', 'e', 'one\n'), printed('a', 'e', 'two\n'));
    tell(ended('a', 'e', 7));
    expect(outputs('a')).toEqual([
      { output_type: 'stream', name: 'stdout', text: 'one\ntwo\n' }
    ]);
    expect(model('a').executionCount).toBe(7);
    expect(model('a').executionState).toBe('idle');
  });

  it('are cleared when the kernel says so', () => {
    tell(started('a', 'e'), printed('a', 'e', 'old'));
    tell(said('a', 'e', 'clear_output', { wait: false }));
    expect(outputs('a')).toEqual([]);
    tell(printed('a', 'e', 'older'));
    tell(said('a', 'e', 'clear_output', { wait: true }));
    expect(outputs('a')).toHaveLength(1);
    tell(printed('a', 'e', 'new'));
    expect(outputs('a')).toMatchObject([{ text: 'new' }]);
  });

  it('are updated by display id', () => {
    const display = (text: string) => ({
      data: { 'text/plain': text },
      metadata: {},
      transient: { display_id: 'd' }
    });
    tell(started('a', 'e'), said('a', 'e', 'display_data', display('0 %')));
    tell(said('a', 'e', 'update_display_data', display('100 %')));
    expect(outputs('a')).toMatchObject([{ data: { 'text/plain': '100 %' } }]);
  });

  it('begin anew with each execution', () => {
    tell(...executed('a', 'e1', 1, 'old'), started('a', 'e2'));
    expect(outputs('a')).toEqual([]);
    expect(model('a').executionCount).toBeNull();
    tell(printed('a', 'e1', 'late'), ended('a', 'e1', 1));
    expect(outputs('a')).toEqual([]);
    expect(model('a').executionState).toBe('running');
  });

  it('of the agent stop where the user runs the cell', () => {
    tell(started('a', 'e'), printed('a', 'e', 'agent'));
    const users = new Projection(panel, late);
    users.catchUp([...written('a', 'code'), ...executed('a', 'u', 9, 'user')]);
    tell(printed('a', 'e', 'more'), ended('a', 'e', 5));
    expect(outputs('a')).toMatchObject([{ text: 'user' }]);
    expect(model('a').executionCount).toBe(9);
    users.dispose();
  });

  it('have the times of a notebook that records them', () => {
    panel.content.notebookConfig = {
      ...panel.content.notebookConfig,
      recordTiming: true
    };
    const events = executed('a', 'e', 1, '');
    tell(...events);
    const { time } = events[events.length - 1];
    expect(model('a').getMetadata('execution')).toMatchObject({
      'shell.execute_reply': new Date(1000 * time).toISOString()
    });
  });

  it('are trusted as those of a cell that the user ran', () => {
    tell(...executed('a', 'e', 1, 'x'));
    expect(model('a').trusted).toBe(true);
  });

  it('no longer wait when the run ended without a reply', () => {
    tell(started('a', 'e'), finished());
    expect(model('a').executionState).toBe('idle');
  });

  describe('after the kernel was idle', () => {
    const message = (
      msg_type: string,
      content: object,
      session = 'the-server'
    ) =>
      iopub.emit({
        header: { msg_type },
        parent_header: { msg_id: 'e', session },
        content,
        metadata: {}
      } as never);
    const print = (text: string, session?: string) =>
      message('stream', { name: 'stdout', text }, session);

    it('are taken from the page’s own connection', () => {
      print('known');
      tell(...executed('a', 'e', 1, 'known'));
      print('known');
      message('status', { execution_state: 'idle' });
      print(' late');
      expect(outputs('a')).toMatchObject([{ text: 'known late' }]);
    });

    it('are shown in order when they come before the run has told the end', () => {
      tell(started('a', 'e'));
      message('status', { execution_state: 'idle' });
      print(' late');
      print(' later');
      tell(printed('a', 'e', 'known'), ended('a', 'e', 1));
      print(' last');
      expect(outputs('a')).toMatchObject([{ text: 'known late later last' }]);
    });

    it('are shown when the page’s connection came up only after that', () => {
      tell(...executed('a', 'e', 1, 'known'));
      print(' late');
      expect(outputs('a')).toMatchObject([{ text: 'known late' }]);
    });

    it('do not wait for an end when the page itself executed', () => {
      message('status', { execution_state: 'idle' });
      print('own', 'this-page');
      tell(...executed('a', 'e', 1, 'known'));
      expect(outputs('a')).toMatchObject([{ text: 'known' }]);
    });
  });
});
