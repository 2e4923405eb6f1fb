import type { Classify, SteppedClassifier } from '../model/classifier.js';
import { ruleClassifier } from './rules.js';

let packaged: SteppedClassifier | undefined;

/**
 * The classifier that an option names: the rules of the package, none, or a function of the caller, which gets a copy
 * so that it cannot change what is stored.
 */
export function classifierOf(option: Classify | false | undefined): Classify | SteppedClassifier | undefined {
  if (option === false) return undefined;
  if (option === undefined) return (packaged ??= ruleClassifier());
  return ({ content, metadata, speaker }) =>
    option(
      structuredClone({
        content,
        ...(metadata === undefined ? {} : { metadata }),
        ...(speaker === undefined ? {} : { speaker }),
      }),
    );
}
