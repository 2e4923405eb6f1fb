import type { Handles, Place } from '../memory/handles.js';
import type { HistoryEntry, Memory } from '../model/memory.js';
import { viewOf, type View } from './view.js';

const EVENTS = { create: 'ADD', update: 'UPDATE', delete: 'DELETE' } as const;

/** The changes of a memory as mem0's clients read them, oldest first. */
export async function historyView(
  handles: Handles,
  place: Place,
  entries: readonly HistoryEntry[],
): Promise<readonly View[]> {
  const memoryId = await handles.seal('memory', place);
  return Promise.all(entries.map((entry) => entryView(handles, memoryId, entry)));
}

async function entryView(handles: Handles, memoryId: string, entry: HistoryEntry): Promise<View> {
  const { n, event, at, before, after } = entry;
  const shown: Memory | undefined = after ?? before;
  const { id: _same, memory: _text, ...rest } = shown ? await viewOf(handles, shown) : {};
  return {
    ...rest,
    id: `${memoryId}.${n}`,
    memory_id: memoryId,
    input: [],
    old_memory: before?.content ?? null,
    new_memory: after?.content ?? null,
    event: EVENTS[event],
    created_at: at.toISOString(),
    updated_at: at.toISOString(),
  };
}
