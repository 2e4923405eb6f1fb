import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { DoorServices } from '../../internals.js';
import type { Warden } from '../../warden.js';

/** The metrics of a process: of its own registry, labels without any id of a user, a memory or a credential. */
export function openMetrics(warden: Warden, { refusals }: Pick<DoorServices, 'refusals'>): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `memwarden_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      name: `memwarden_${name}`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  const counters = (name: string, help: string, label: string, read: () => Readonly<Partial<Record<string, number>>>) =>
    new Counter({
      name: `memwarden_${name}`,
      help,
      labelNames: [label],
      registers,
      collect() {
        this.reset();
        for (const [value, count = 0] of Object.entries(read())) this.inc({ [label]: value }, count);
      },
    });
  const audit = () => warden.auditCounters;
  const search = () => warden.searchStatistics;
  counters('decisions_total', 'Decisions by outcome.', 'outcome', () => audit().decisions);
  counters('denials_total', 'Denials by the rule that denied.', 'rule', () => audit().denials);
  counters('refusals_total', 'Requests refused before any policy was asked.', 'why', () => ({ ...refusals.counters }));
  counters('alarms_total', 'What cannot happen, and did.', 'alarm', () => audit().alarms);
  counter('audit_records_total', 'Audit records that are durable.', () => audit().records);
  counter('audit_groups_total', 'Durable writes that they took.', () => audit().groups);
  counter('audit_refused_total', 'Acts refused because their record could not be written.', () => audit().refused);
  counter('audit_sink_dropped_total', 'Lines that sinks which are not required dropped.', () => audit().dropped);
  gauge('audit_waiting', 'Audit records that wait to become durable.', () => audit().waiting);
  gauge('audit_behind_seconds', 'How long the oldest of them has waited.', () => audit().behindMs / 1_000);
  gauge('audit_lag_seconds', 'How long the last one waited.', () => audit().lagMs / 1_000);
  gauge('audit_lag_max_seconds', 'The longest such wait since the start.', () => audit().maxLagMs / 1_000);
  counter('search_view_hits_total', 'Searches that a kept index served.', () => search().hits);
  counter('search_view_builds_total', 'Indexes that were built.', () => search().builds);
  gauge('search_views', 'Indexes that are kept.', () => search().views);
  gauge('search_view_bytes', 'About how many bytes they take.', () => search().bytes);
  gauge('ready', 'Whether the policies in force are those of the files.', () => (warden.ready ? 1 : 0));
  return registry;
}
