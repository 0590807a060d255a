/** Whether an input method is at work; some report the Enter that ends a composition by this code alone. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}
