import { FakeSession, makeModel, makeState } from './fake_session';
import { MountedView } from './mounted';

describe('a model behind a server', () => {
  let view: MountedView;

  const showModel = (overrides: Parameters<typeof makeModel>[0]) => {
    const model = makeModel(overrides);
    return view.show({ models: { current: model.name, models: [model] } });
  };

  beforeEach(() => {
    view = new MountedView(new FakeSession(makeState()));
  });
  afterEach(() => view.close());

  it('says where text goes that leaves the machine', async () => {
    await showModel({ host: 'vllm.example:8000', is_local: false });
    expect(view.find('.jp-oci-Destination').textContent).toContain(
      'vllm.example:8000'
    );
  });

  it('says nothing of the kind while text stays', async () => {
    await showModel({ host: 'localhost:11434', is_local: true });
    expect(view.node.querySelector('.jp-oci-Destination')).toBeNull();
  });

  it('is not called downloaded', async () => {
    await showModel({ host: 'vllm.example:8000', state: 'available' });
    expect(view.find('select option').textContent).toContain(
      'on vllm.example:8000'
    );
  });
});
