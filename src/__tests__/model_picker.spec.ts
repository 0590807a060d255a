import { FakeSession, makeModel, makeState } from './fake_session';
import { MountedView } from './mounted';

describe('the model picker', () => {
  let view: MountedView;
  let session: FakeSession;

  const showModel = (overrides: Parameters<typeof makeModel>[0]) => {
    const model = makeModel(overrides);
    return view.show({ models: { current: model.name, models: [model] } });
  };

  beforeEach(() => {
    session = new FakeSession(makeState());
    view = new MountedView(session);
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

  it('lets a download be cancelled, and says that what came is kept', async () => {
    await showModel({ state: 'downloading', fraction: 0.4 });
    expect(view.buttons('Cancel')[0].title).toContain('is kept');
    await view.click('Cancel');
    expect(session.calls).toContainEqual([
      'modelAction',
      makeModel().name,
      'cancel'
    ]);
  });

  it('goes on with what came of a download', async () => {
    await showModel({ state: 'absent', kept_bytes: 4e8 });
    expect(view.find('.jp-oci-ModelProgress').textContent).toContain(
      'Not on this machine yet, 1.1 GB, 400 MB of it are here'
    );
    await view.click('Go on');
    expect(session.calls).toContainEqual([
      'modelAction',
      makeModel().name,
      'download'
    ]);
  });

  it('says no size that is not known', async () => {
    await showModel({ state: 'absent', download_bytes: 0 });
    const told = view.find('.jp-oci-ModelProgress');
    expect(told.textContent).toBe('Not on this machine yetDownload');
  });
});
