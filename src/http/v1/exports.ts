import { join } from 'node:path';
import { isMemwardenError, MemwardenError } from '../../errors/memwarden-error.js';
import { administered } from '../../internals.js';
import type { ExportOptions } from '../../memory/exporting.js';
import type { ExportManifest } from '../../model/export.js';
import { newId } from '../../model/id.js';
import { principalKey } from '../../model/principal.js';
import { assertLetIn, callerOf } from '../door.js';
import { assertJob, isHeldBy, placeOf, type JobRow } from '../job-row.js';
import type { TakenJob } from '../jobs.js';
import { clear, fileNameOf, folderOf } from './export-folder.js';
import { operation, type Call, type Operations } from './operation.js';
import { handedOut } from './stream.js';
import { exportBody, exportFileBytes, exportFileQuery, exportJob, jobId, manifest } from './schemas/export.js';

const PATH = '/v1/exports';
const ONE = `${PATH}/{id}`;
const NOT_THERE = ['job_not_found'] as const;
const LOCATION = { Location: 'Where the job is looked up.' };
const TYPES = { ndjson: 'application/x-ndjson', json: 'application/json', csv: 'text/csv', zip: 'application/zip' };

const FILE_HEADERS = { 'Content-Disposition': 'The name of the file.' };

interface ExportOutcome {
  readonly manifest: ExportManifest;
}
type ById = Call<{ readonly id: string }, unknown, unknown>;

/** Exports: jobs whose files wait, sealed, until they are fetched. */
export const exportsOperations: Operations = (app, parts) => {
  operation(app, parts, {
    id: 'startExport',
    method: 'POST',
    path: PATH,
    tag: 'exports',
    summary: 'Exports what the principal may read and export of some users, or of all.',
    description:
      'The same request begins anew what was interrupted, and begins what was approved; until a job is over it answers with that job. Files wait for a day.',
    body: exportBody,
    answers: { 202: { description: 'The job.', schema: exportJob, headers: LOCATION } },
    problems: ['export_unsettled'],
    async handle(call) {
      const { reply, request, principal, body, jobs } = call;
      const taken = await jobs.take('export', callerOf(request), [principalKey(principal), body]);
      const job = await begun(call, taken, body as Omit<ExportOptions, 'out'>);
      return reply.status(202).header('location', `${PATH}/${job.id}`).send(shown(job));
    },
  });

  operation(app, parts, {
    id: 'getExport',
    method: 'GET',
    path: ONE,
    tag: 'exports',
    summary: 'How far an export is. Its own credential, and who may approve exports, sees it.',
    params: jobId,
    answers: { 200: { description: 'The job.', schema: exportJob } },
    problems: NOT_THERE,
    async handle(call) {
      const { job, isOwn } = await seen(call);
      if (isOwn || job.state !== 'waiting' || job.approval === undefined) return shown(job);
      const { warden, principal } = call;
      return { ...shown(job), request: await warden.exportApprovals.request(principal, job.approval) };
    },
  });

  operation(app, parts, {
    id: 'approveExport',
    method: 'POST',
    path: `${ONE}/approve`,
    tag: 'exports',
    summary: "Approves another principal's export: the same request then begins it.",
    params: jobId,
    answers: { 200: { description: 'The job.', schema: exportJob } },
    problems: [...NOT_THERE, 'own_approval'],
    handle: approve,
  });

  operation(app, parts, {
    id: 'getExportManifest',
    method: 'GET',
    path: `${ONE}/manifest`,
    tag: 'exports',
    summary: 'The signed manifest of an export that is done.',
    params: jobId,
    answers: { 200: { description: 'The manifest.', schema: manifest } },
    problems: [...NOT_THERE, 'export_not_ready'],
    handle: async (call) => manifestOf((await seen(call)).job),
  });

  operation(app, parts, {
    id: 'getExportFile',
    method: 'GET',
    path: `${ONE}/file`,
    tag: 'exports',
    summary: 'The file of an export that is done, to its own credential alone.',
    description:
      'Everything in it is decided anew before it is handed out; where something was erased, has expired or may no longer be exported, the export has to be run again. Each time is a disclosure on record.',
    params: jobId,
    query: exportFileQuery,
    answers: {
      200: { description: 'The file.', types: Object.values(TYPES), headers: FILE_HEADERS, schema: exportFileBytes },
    },
    problems: [...NOT_THERE, 'export_not_ready', 'export_stale', 'owner_key_required'],
    handle: sendFile,
  });
};

async function begun(
  call: Call<unknown, unknown, unknown>,
  job: TakenJob,
  order: Omit<ExportOptions, 'out'>,
): Promise<JobRow> {
  const { jobs, desk, principal, exportSlots, request } = call;
  const { id, state, approval } = job.value;
  if (state === 'running' || state === 'waiting') return job.value;
  const place = placeOf(id);
  const folder = join(desk.folder, place);
  const whole = { ...order, out: join(folder, fileNameOf(order)), ...(approval === undefined ? {} : { approval }) };
  const { tenant = '', kind, id: holder } = callerOf(request);
  let leave: () => void;
  try {
    await desk.assertMay(principal, whole);
    leave = exportSlots.take(JSON.stringify([tenant, kind, holder]));
  } catch (error) {
    const asked = isMemwardenError(error, 'approval_required') ? error.detail['id'] : undefined;
    if (typeof asked === 'string') return jobs.put(job, { state: 'waiting', approval: asked });
    if (state === 'ready') await jobs.drop(job);
    throw error;
  }
  let runs = false;
  const row = jobs.run(job, async ({ signal, ...told }) => {
    runs = true;
    const onProgress: ExportOptions['onProgress'] = (now) => told.progress({ ...now });
    try {
      // What a process that died has left here opens to nobody.
      await clear(desk.folder, place);
      await folderOf(desk.folder, place);
      const { manifest: signed } = await desk.run(principal, { ...whole, signal, onProgress }, id);
      return signed && ({ manifest: signed } satisfies ExportOutcome);
    } finally {
      // Also of one that was cut off: no erasure would find it (S22).
      await clear(desk.folder, place).finally(leave);
    }
  });
  // Somebody else may have been faster.
  return row.finally(() => runs || leave());
}

async function approve(call: ById): Promise<object> {
  const { warden, principal, params, jobs } = call;
  const found = await jobs.find(params.id);
  const request = found?.kind === 'export' && found.state === 'waiting' ? found.approval : undefined;
  try {
    // Who may approve nothing is told so, whatever there is; what is not there takes the same steps. The id of a job is not
    // that of a request: what was asked for elsewhere is not approved here.
    await warden.exportApprovals.approve(principal, request ?? newId());
  } catch (error) {
    throw isMemwardenError(error, 'not_found') ? new MemwardenError('job_not_found') : error;
  }
  await jobs.note(params.id, (row) => (row.state === 'waiting' ? { ...row, state: 'ready' } : undefined));
  const job = await jobs.find(params.id);
  assertJob(job, 'export');
  return shown(job);
}

async function sendFile(
  call: Call<{ id: string }, { part?: 'memories' | 'users' | undefined }, unknown>,
): Promise<unknown> {
  const { reply, params, query, principal, request, jobs, desk } = call;
  const job = await jobs.find(params.id);
  assertJob(job, 'export');
  if (!isHeldBy(job, callerOf(request))) throw new MemwardenError('job_not_found');
  const { files, query: asked, recipient } = manifestOf(job);
  const file = files[query.part === 'users' ? 1 : 0];
  if (!file) throw new MemwardenError('internal');
  const bytes = await desk.file(job.id, file.name, principal, recipient);
  const type = query.part === 'users' ? TYPES.ndjson : asked.gzip ? 'application/gzip' : TYPES[asked.format];
  return reply
    .type(type)
    .header('content-length', file.bytes)
    .header('content-disposition', `attachment; filename="${file.name}"`)
    .send(handedOut(bytes, () => assertLetIn(request, call)));
}

/** A job that the caller may see. @throws MemwardenError job_not_found for every other, and where there is none */
async function seen({ request, params, principal, warden, jobs }: ById): Promise<{ job: JobRow; isOwn: boolean }> {
  const job = await jobs.find(params.id);
  const isOwn = job?.kind === 'export' && isHeldBy(job, callerOf(request));
  if (!isOwn) {
    const act = { action: 'read', subject: 'Export', act: 'export.job', changes: false } as const;
    try {
      await administered(warden, principal, act, () => Promise.resolve());
    } catch (error) {
      throw isMemwardenError(error, 'forbidden') ? new MemwardenError('job_not_found') : error;
    }
  }
  assertJob(job, 'export');
  return { job, isOwn };
}

function manifestOf({ state, result }: JobRow): ExportManifest {
  if (state !== 'done' || result === undefined) throw new MemwardenError('export_not_ready');
  return (result as ExportOutcome).manifest;
}

function shown({ id, state, createdAt, endedAt, progress, error, result }: JobRow): object {
  const done = result as ExportOutcome | undefined;
  return {
    id,
    state,
    createdAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(progress === undefined ? {} : { progress }),
    ...(error === undefined ? {} : { error }),
    ...(done ? { counts: done.manifest.counts } : {}),
  };
}
