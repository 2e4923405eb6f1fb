import type { Db, Document } from 'mongodb';

/** What the server looked at to answer a kind of call. */
export interface Examined {
  /** The most index keys of one call. */
  readonly keys: number;
  /** The most documents of one call. */
  readonly docs: number;
  /** How many calls it is about. */
  readonly calls: number;
  /** The stages that `explain` names for one of them. */
  readonly stages: readonly string[];
}

/**
 * Runs calls with the server's profiler on, so that what is looked at are the commands as the guard sends them, and
 * has the server explain one of them. Undefined where the deployment has no profiler (a router).
 */
export async function examined(db: Db, collection: string, calls: () => Promise<void>): Promise<Examined | undefined> {
  try {
    await db.command({ profile: 2 });
  } catch {
    return undefined;
  }
  try {
    await calls();
  } finally {
    await db.command({ profile: 0 });
  }
  const profile = db.collection('system.profile');
  const entries = await profile.find({ ns: `${db.databaseName}.${collection}`, 'command.find': collection }).toArray();
  await profile.drop();
  const most = (field: string) => entries.reduce((max, entry) => Math.max(max, Number(entry[field])), 0);
  const command = entries[0]?.['command'] as Document | undefined;
  const stages = command ? await stagesOf(db, command) : [];
  return { keys: most('keysExamined'), docs: most('docsExamined'), calls: entries.length, stages };
}

async function stagesOf(db: Db, command: Document): Promise<string[]> {
  const asked = ['find', 'filter', 'sort', 'limit', 'hint', 'collation', 'singleBatch', 'batchSize'];
  const explain = Object.fromEntries(Object.entries(command).filter(([key]) => asked.includes(key)));
  const plan = await db.command({ explain, verbosity: 'executionStats' });
  const stages: string[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { stage, inputStage, inputStages, queryPlan } = node as Document;
    if (typeof stage === 'string') stages.push(stage);
    for (const below of [inputStage, queryPlan, ...((inputStages as unknown[] | undefined) ?? [])]) walk(below);
  };
  walk((plan['queryPlanner'] as Document | undefined)?.['winningPlan']);
  return stages;
}
