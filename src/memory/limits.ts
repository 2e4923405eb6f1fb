/** The largest content, in bytes of UTF-8. */
export const MAX_CONTENT_BYTES = 64 * 1024;
/** The largest metadata, in bytes of its JSON text. */
export const MAX_METADATA_BYTES = 16 * 1024;
/** The most memories of one call. */
export const MAX_BATCH = 1_000;
/** The most values of metadata that the messages of one call have in common, each message counted. */
export const MAX_BATCH_VALUES = 100_000;
/** The longest page. */
export const MAX_PAGE = 1_000;
/** The length of a page where the caller names none. */
export const DEFAULT_PAGE = 50;
/** The longest query of a search, in UTF-16 units. */
export const MAX_QUERY = 4_096;
/** The longest part of a text that is looked for as it stands, in UTF-16 units: a keyword. */
export const MAX_PART = 256;
/** The most code points of a speaker's name. */
export const MAX_WORDS = 1_024;
