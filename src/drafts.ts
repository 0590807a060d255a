/**
 * What the user has typed and not yet sent, kept for each notebook while another one is in front.
 */
export class Drafts {
  get(notebookId: string | null): string {
    return this._texts.get(notebookId ?? '') ?? '';
  }

  set(notebookId: string | null, text: string): void {
    this._texts.set(notebookId ?? '', text);
  }

  /** Put a prompt in front of what was typed. */
  restore(notebookId: string | null, prompt: string): void {
    const typed = this.get(notebookId);
    this.set(notebookId, typed ? `${prompt}\n${typed}` : prompt);
  }

  private readonly _texts = new Map<string, string>();
}
