import type { Figures } from './figures.js';

export interface SuiteOptions {
  /** Small sizes and few rounds, to see that a suite runs; its figures mean little. */
  readonly quick: boolean;
}

/** Measures one topic. */
export type Suite = (figures: Figures, options: SuiteOptions) => Promise<void>;
