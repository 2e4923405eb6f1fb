import type { Memory } from '../model/memory.js';
import type { Handles } from '../memory/handles.js';
import { lastDayBefore } from './times.js';

/** A memory as mem0's clients read it. What the policy withholds is null. */
export type View = Readonly<Record<string, unknown>>;

/** Shows a memory under its handle. */
export async function viewOf(handles: Handles, memory: Memory): Promise<View> {
  const { userId, agentId = null, appId = null, sessionId = null, category, expiresAt } = memory;
  return {
    id: await handles.seal('memory', { owner: userId, id: memory.id }),
    memory: memory.content ?? null,
    user_id: userId,
    agent_id: agentId,
    app_id: appId,
    run_id: sessionId,
    session_id: sessionId,
    metadata: metadataOf(memory),
    categories: category === undefined || category === 'general' ? [] : [category],
    created_at: memory.occurredAt?.toISOString() ?? null,
    updated_at: memory.updatedAt?.toISOString() ?? null,
    expiration_date: expiresAt ? lastDayBefore(expiresAt) : null,
  };
}

/** Several, in their order, and of each what is wanted. */
export async function viewsOf(
  handles: Handles,
  memories: readonly Memory[],
  wanted?: readonly string[],
): Promise<View[]> {
  return Promise.all(memories.map(async (memory) => pick(await viewOf(handles, memory), wanted)));
}

/** What is wanted of a view; its id is always there. */
export function pick(view: View, wanted: readonly string[] | undefined): View {
  if (!wanted) return view;
  return Object.fromEntries(Object.entries(view).filter(([name]) => name === 'id' || wanted.includes(name)));
}

/** What an add tells of a new memory. */
export async function addedView(handles: Handles, memory: Memory): Promise<View> {
  const id = await handles.seal('memory', { owner: memory.userId, id: memory.id });
  return { id, event: 'ADD', data: { memory: memory.content ?? null } };
}

function metadataOf({ metadata, level }: Memory): Memory['metadata'] | null {
  if (!metadata) return null;
  if (!Object.hasOwn(metadata, 'sensitivity')) return metadata;
  const { sensitivity: _asWritten, ...rest } = metadata;
  return level === undefined ? rest : { ...rest, sensitivity: level };
}
