import * as lmdb from 'lmdb';

// lmdb keeps the `open` of whoever loaded it first on its native addon, which outlives a test file. Jest gives each
// file globals of its own, so that the next file would get and lose dates of another realm (stored as text).
delete (lmdb as unknown as { nativeAddon: { open?: unknown } }).nativeAddon.open;
