/** The longest line: more than the largest content and metadata can take, every character escaped. */
export const MAX_LINE_BYTES = 1 << 20;
