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

  it('says of each model what it takes', async () => {
    const large = makeModel({
      name: 'large',
      title: 'Large',
      state: 'absent',
      download_bytes: 13.5e9,
      memory_bytes: 21.2e9,
      disk_bytes: 26.3e9,
      gpu_memory_bytes: 15.4e9,
      gpu_4bit_bytes: 5.7e9,
      fits: false,
      obstacle: 'needs 21.2 GB of memory, 8.0 GB are free'
    });
    const chosen = makeModel();
    await view.show({
      models: { current: chosen.name, models: [chosen, large] }
    });
    const [first, second] = view.node.querySelectorAll('.jp-oci-Model option');
    expect(first.textContent).toBe(chosen.title);
    expect(second.textContent).toBe(
      'Large (13.5 GB to download, RAM 21.2 GB, disk 26.3 GB, VRAM 15.4 GB / 5.7 GB): ' +
        large.obstacle
    );
  });

  it('leaves out what a model does not take, or nobody knows', async () => {
    const chosen = makeModel();
    const unknown = makeModel({
      name: 'owner/name',
      title: 'name',
      state: 'absent',
      parameters: '',
      download_bytes: 0,
      memory_bytes: 0,
      gpu_memory_bytes: 0,
      context_window: 0
    });
    await view.show({
      models: { current: chosen.name, models: [chosen, unknown] }
    });
    const options = view.node.querySelectorAll('.jp-oci-Model option');
    expect(options[1].textContent).toBe('name (to download)');
    await showModel(unknown);
    const title = view.find('select[aria-label="Model"]').title;
    expect(title).not.toMatch(/parameters|context|memory|disk|cards|bits/);
  });

  it('tells what a model is made of, and its speed as an estimate', async () => {
    await showModel({ tokens_per_second: 2.44 });
    const title = view.find('select[aria-label="Model"]').title;
    expect(title).toContain('made of Qwen2.5-Coder-1.5B (Apache-2.0)');
    expect(title).toContain('about 2.4 tokens a second');
    expect(title).toContain('an estimate');
  });

  it('tells of each model in the list what it tells of the chosen one', async () => {
    const chosen = makeModel();
    const other = makeModel({ name: 'other', license: 'MIT' });
    await view.show({
      models: { current: chosen.name, models: [chosen, other] }
    });
    const [first, second] = view.node.querySelectorAll<HTMLOptionElement>(
      '.jp-oci-Model option'
    );
    expect(first.title).toBe(view.find('select[aria-label="Model"]').title);
    expect(second.title).toContain('licence MIT');
    expect(second.title).toContain('tokens of context');
    expect(second.title).toContain('about 12 tokens a second');
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
