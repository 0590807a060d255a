import { FakeSession, makeModel, makeState } from './fake_session';
import { MountedView } from './mounted';

describe('the model picker', () => {
  let view: MountedView;

  const showModel = (overrides: Parameters<typeof makeModel>[0]) => {
    const model = makeModel(overrides);
    return view.show({ models: { current: model.name, models: [model] } });
  };

  beforeEach(() => {
    view = new MountedView(new FakeSession(makeState()));
  });
  afterEach(() => view.close());

  it('says what there is too little of', async () => {
    const obstacle = 'needs 20.5 GB of memory, 8.0 GB are free';
    await showModel({ fits: false, obstacle, state: 'absent' });
    expect(view.find('.jp-oci-Model option').textContent).toContain(obstacle);
  });

  it('tells what a model is made of, and its speed as an estimate', async () => {
    await showModel({ tokens_per_second: 2.44 });
    const title = view.find('select[aria-label="Model"]').title;
    expect(title).toContain('made of Qwen2.5-Coder-1.5B (Apache-2.0)');
    expect(title).toContain('about 2.4 tokens a second');
    expect(title).toContain('an estimate');
  });

  it('says nothing of a speed that is not known', async () => {
    await showModel({ tokens_per_second: null });
    expect(view.find('select[aria-label="Model"]').title).not.toContain(
      'tokens a second'
    );
  });
});
