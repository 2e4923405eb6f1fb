import { FILTERABLE, type FilterableName, type FilterType } from './fields.js';

/** What a principal may do to what. A closed table: the policy loader refuses every other pair. */
export const ACTIONS_OF = {
  Memory: ['create', 'read', 'update', 'reclassify', 'delete', 'share', 'export', 'explain'],
  SharedMemory: ['create', 'read', 'update', 'reclassify', 'delete', 'share', 'export', 'explain', 'grant'],
  User: ['list', 'erase'],
  Export: ['list', 'read', 'approve'],
  AuditRecord: ['audit'],
  Policy: ['read', 'explain', 'administer'],
  Key: ['list', 'administer'],
  Credential: ['list', 'administer'],
  Tenant: ['list', 'administer'],
} as const;

/** What a policy speaks about. */
export type SubjectName = keyof typeof ACTIONS_OF;
/** What may be done to a subject. */
export type ActionOf<S extends SubjectName> = (typeof ACTIONS_OF)[S][number];
/** Any action. */
export type Action = ActionOf<SubjectName>;

/** The subjects, in the order of the table. */
export const SUBJECTS = Object.keys(ACTIONS_OF) as readonly SubjectName[];
/** Every action once, in the order of the table. */
export const ACTIONS: readonly Action[] = [...new Set(Object.values(ACTIONS_OF).flat())];

/** Whether the table has this pair. */
export function isPair(subject: SubjectName, action: Action): boolean {
  return (ACTIONS_OF[subject] as readonly Action[]).includes(action);
}

const OWNER_ONLY: ReadonlyMap<FilterableName, FilterType> = new Map([['user_id', 'string']]);
const NOTHING: ReadonlyMap<FilterableName, FilterType> = new Map();

/** The fields that conditions on a subject may name, with their types. */
export function conditionFields(subject: SubjectName): ReadonlyMap<FilterableName, FilterType> {
  if (subject === 'Memory' || subject === 'SharedMemory') return FILTERABLE;
  return subject === 'User' || subject === 'Export' ? OWNER_ONLY : NOTHING;
}
