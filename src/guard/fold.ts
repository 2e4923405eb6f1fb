/** Folds case, so that a keyword finds its word however it is written. */
export function fold(text: string): string {
  return text.toUpperCase().toLowerCase();
}
