import type { ISessionState } from './state';

/** An open notebook, and where it lies now. */
type Place = Pick<ISessionState, 'notebookId' | 'path'>;

const KEY = 'jupyter-oci:draft:';

/**
 * What the user has typed and not yet sent, kept for each notebook while another one is in front.
 *
 * The browser's tab keeps it by the notebook's path, for when the notebook is closed or the page reloaded.
 */
export class Drafts {
  get(place: Place): string {
    const id = place.notebookId ?? '';
    const text = this._texts.get(id);
    if (text === undefined) {
      return this._isSending(place.path) ? '' : this._stored(place.path);
    }
    if (this._paths.get(id) !== place.path) {
      this._store(this._paths.get(id) ?? null, '');
      this.set(place, text);
    }
    return text;
  }

  set(place: Place, text: string): void {
    const id = place.notebookId ?? '';
    this._texts.set(id, text);
    this._paths.set(id, place.path);
    const sending = this._sending.get(id) ?? [];
    this._store(place.path, [...sending, text].filter(Boolean).join('\n'));
  }

  /** Whether it is to change the active cell. */
  isEdit({ notebookId }: Place): boolean {
    return this._edits.has(notebookId ?? '');
  }

  setEdit({ notebookId }: Place, isEdit: boolean): void {
    if (isEdit) {
      this._edits.add(notebookId ?? '');
    } else {
      this._edits.delete(notebookId ?? '');
    }
  }

  /** Empty the box, and keep what was in it until it is known whether it was sent: what was not comes back, perhaps to change a cell. */
  send(place: Place): (isSent: boolean, isEdit: boolean) => void {
    const id = place.notebookId ?? '';
    const text = this.get(place);
    this._sending.set(id, [...(this._sending.get(id) ?? []), text]);
    this.set(place, '');
    this.setEdit(place, false);
    return (isSent, isEdit) => {
      const sending = this._sending.get(id)!;
      sending.splice(sending.indexOf(text), 1);
      const now = { ...place, path: this._paths.get(id) ?? place.path };
      if (isSent) {
        this.set(now, this.get(now));
      } else {
        const isAlone = !this.get(now);
        this.restore(now, text);
        if (isAlone) {
          this.setEdit(now, isEdit);
        }
      }
    };
  }

  /** Put a prompt in front of what was typed. */
  restore(place: Place, prompt: string): void {
    const typed = this.get(place);
    this.set(place, typed ? `${prompt}\n${typed}` : prompt);
  }

  /** Whether what is stored is another view's, which sends it. */
  private _isSending(path: string | null): boolean {
    return [...this._sending].some(
      ([id, texts]) => texts.length > 0 && this._paths.get(id) === path
    );
  }

  private _stored(path: string | null): string {
    return (path !== null && sessionStorage.getItem(KEY + path)) || '';
  }

  private _store(path: string | null, text: string): void {
    if (path === null) {
      return;
    }
    sessionStorage.removeItem(KEY + path);
    try {
      if (text) {
        sessionStorage.setItem(KEY + path, text);
      }
    } catch (error) {
      // It is full: the text is kept for as long as the page is.
      console.warn(`jupyter-oci: ${error}`);
    }
  }

  private readonly _texts = new Map<string, string>();
  /** What was taken out of the box and is not known to be sent. */
  private readonly _sending = new Map<string, string[]>();
  /** Notebooks in which it is to change a cell. */
  private readonly _edits = new Set<string>();
  /** Where the notebooks lay when their texts were kept. */
  private readonly _paths = new Map<string, string | null>();
}
