/** The folders of `policies/` that hold a set of examples, each with its tests. */
export const EXAMPLES = ['examples', 'examples/clinic', 'examples/support-desk', 'examples/family'];
