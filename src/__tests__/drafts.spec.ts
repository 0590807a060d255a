import { Drafts } from '../drafts';

const demo = { notebookId: 'first opening', path: 'demo.ipynb' };
const again = { notebookId: 'second opening', path: 'demo.ipynb' };

beforeEach(() => sessionStorage.clear());

it('are there when the page is loaded again, and when a notebook is opened again', () => {
  const drafts = new Drafts();
  drafts.set(demo, 'Plot it');
  expect(drafts.get(again)).toBe('Plot it');
  expect(new Drafts().get(again)).toBe('Plot it');
});

it('are gone once they were sent', () => {
  const drafts = new Drafts();
  drafts.set(demo, 'Plot it');
  drafts.set(demo, '');
  expect(new Drafts().get(again)).toBe('');
});

it('go along when the notebook is renamed', () => {
  const drafts = new Drafts();
  drafts.set(demo, 'Plot it');
  expect(drafts.get({ ...demo, path: 'sales.ipynb' })).toBe('Plot it');
  expect(new Drafts().get({ ...again, path: 'sales.ipynb' })).toBe('Plot it');
  expect(new Drafts().get(again)).toBe('');
});

it('last as long as the page where the browser has no room for them', () => {
  const full = jest
    .spyOn(Storage.prototype, 'setItem')
    .mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
  const warned = jest.spyOn(console, 'warn').mockReturnValue();
  const drafts = new Drafts();
  drafts.set(demo, 'Plot it');
  expect(drafts.get(demo)).toBe('Plot it');
  expect(warned).toHaveBeenCalled();
  full.mockRestore();
  warned.mockRestore();
});

it('are kept while it is not known whether they were sent, and come back if not', () => {
  const drafts = new Drafts();
  drafts.set(demo, 'Plot it');
  drafts.setEdit(demo, true);
  const first = drafts.send(demo);
  expect([drafts.get(demo), drafts.isEdit(demo)]).toEqual(['', false]);
  drafts.set(demo, 'And sum it');
  const second = drafts.send(demo);
  drafts.set(demo, 'Then');
  expect(new Drafts().get(again)).toBe('Plot it\nAnd sum it\nThen');
  second(true, false);
  expect(new Drafts().get(again)).toBe('Plot it\nThen');
  first(false, true);
  expect(drafts.get(demo)).toBe('Plot it\nThen');
  expect(drafts.isEdit(demo)).toBe(false); // as what was typed meanwhile
  expect(new Drafts().get(again)).toBe('Plot it\nThen');
});

it('come back where the notebook lies then', () => {
  const drafts = new Drafts();
  drafts.set(demo, 'Plot it');
  const end = drafts.send(demo);
  const renamed = { ...demo, path: 'sales.ipynb' };
  expect(drafts.get(renamed)).toBe('');
  end(false, false);
  expect(new Drafts().get({ ...again, path: 'sales.ipynb' })).toBe('Plot it');
  expect(new Drafts().get(again)).toBe('');
});

it('are no other view’s while they are sent', () => {
  const drafts = new Drafts();
  drafts.set(demo, 'Plot it');
  const end = drafts.send(demo);
  expect(drafts.get(again)).toBe('');
  end(false, true);
  expect(drafts.get(again)).toBe('Plot it');
  expect(drafts.isEdit(demo)).toBe(true);
});
