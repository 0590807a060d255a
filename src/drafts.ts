/**
 * What the user has typed and not yet sent, kept for each notebook while another one is in front.
 */
export class Drafts {
  get(path: string | null): string {
    return this._texts.get(path ?? '') ?? '';
  }

  set(path: string | null, text: string): void {
    this._texts.set(path ?? '', text);
  }

  /** Put a prompt in front of what was typed. */
  restore(path: string | null, prompt: string): void {
    const typed = this.get(path);
    this.set(path, typed ? `${prompt}\n${typed}` : prompt);
  }

  private readonly _texts = new Map<string, string>();
}
