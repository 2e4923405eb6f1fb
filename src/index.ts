export { createWarden, type Warden } from './warden.js';
export { openTenants, type Tenants } from './tenants/tenants.js';
export type { TenantPrincipal, TenantsOptions } from './tenants/options.js';
export type { Tenant, TenantState } from './tenants/registry.js';
export type { TenantCertificate } from './compliance/tenant-certificate.js';
export type { AuditOptions, AuditSinkOptions } from './config/audit-options.js';
export type { AuditSelection, AuditTrail } from './compliance/audit-trail.js';
export type { Disclosure, DisclosureReport, SpaceDisclosureReport } from './compliance/disclosures.js';
export type { EmbedderOptions } from './config/embedder.js';
export type { ShadowOptions, WardenOptions } from './config/options.js';
export { ERRORS, type ErrorCode, type ErrorRow } from './errors/table.js';
export { isMemwardenError, MemwardenError, type Detail, type Issue } from './errors/memwarden-error.js';
export type { ConsideredRule, Explanation } from './model/explanation.js';
export type { Page } from './guard/read.js';
export type { Hit, HitExplanation } from './guard/search.js';
export type { ViewStatistics } from './guard/views.js';
export type { Raise } from './guard/sweep.js';
export type { User, UserPage } from './guard/users.js';
export type { MemoryContext } from './memory/context.js';
export type { ContextOptions, SearchFilter, SearchOptions } from './memory/searching.js';
export type { ChatMessage, MemoryChanges, MemoryOptions, NewMemory } from './memory/input.js';
export type { EmbedCounts, EmbedOptions, EmbedProgress, EmbedResult } from './memory/embed.js';
export type {
  ForEachUserOptions,
  ForEachUserProgress,
  ForEachUserResult,
  UserAct,
  UserFailure,
} from './memory/each-user/options.js';
export type { ExportOptions } from './memory/exporting.js';
export type { PurgeResult } from './memory/purge.js';
export { searchAcross } from './memory/across.js';
export type { Explainable, ScopedMemory } from './memory/scoped-memory.js';
export type { SharedReference } from './memory/reference.js';
export type { PageOptions } from './memory/selection.js';
export type { SpaceEntryOfPrincipal, SpacePage } from './guard/space-pages.js';
export type { NewSpace, SharedSpace, SpaceMembers } from './memory/shared-space.js';
export type { ListOptions, Selection } from './memory/selection.js';
export type { AuditCounters } from './metrics/audit-metrics.js';
export type { AuditedPrincipal, AuditRecord } from './model/audit-record.js';
export type { AuditFinding, OpenIntent, VerifyOptions, VerifyReport } from './model/audit-report.js';
export type { Door, Outcome } from './model/auditor.js';
export type { Alarm, AlarmName } from './metrics/alarms.js';
export type { CountedDifference, Difference, ShadowReport } from './metrics/differences.js';
export type { Action, ActionOf, SubjectName } from './model/actions.js';
export type { Classification, ClassifiedText, Classify } from './model/classifier.js';
export type {
  ExportApproval,
  ExportedFile,
  ExportedUser,
  ExportFormat,
  ExportManifest,
  ExportPrincipal,
  ExportProgress,
  ExportQuery,
  ExportRequest,
  ExportResult,
} from './model/export.js';
export type { Json } from './model/fields.js';
export type { CredentialAdmin, NewCredential } from './compliance/credential-admin.js';
export type { NewApiKey } from './identity/api-keys.js';
export type { Credential, Grant } from './model/credential.js';
export type { Finding } from './model/finding.js';
export { LEVELS, type Level } from './model/levels.js';
export type { HistoryEntry, Memory, SharedMemory } from './model/memory.js';
export type { OnErase, SpaceAccess, SpaceEntry, SpaceMember } from './model/space-list.js';
export type { Attribute, Principal } from './model/principal.js';
