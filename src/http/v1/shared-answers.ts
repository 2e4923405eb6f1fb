interface Answers {
  readonly responses: Record<string, object>;
}
type Paths = Readonly<Record<string, Readonly<Record<string, Answers>>>>;

/** Puts the answers for errors, which many operations have alike, into one place, and refers to them. */
export function withSharedAnswers<T extends { readonly paths?: object; readonly components?: object }>(document: T): T {
  const shared = new Map<string, string>();
  const responses: Record<string, object> = {};
  for (const item of Object.values((document.paths ?? {}) as Paths)) {
    for (const operation of Object.values(item)) {
      for (const [status, answer] of Object.entries(operation.responses)) {
        if (Number(status) < 400) continue;
        const text = JSON.stringify(answer);
        let name = shared.get(text);
        if (name === undefined) {
          const before = [...shared.values()].filter((one) => one.startsWith(`Problem${status}`)).length;
          shared.set(text, (name = `Problem${status}${before === 0 ? '' : `-${before + 1}`}`));
          responses[name] = answer;
        }
        operation.responses[status] = { $ref: `#/components/responses/${name}` };
      }
    }
  }
  return { ...document, components: { ...document.components, responses } };
}
