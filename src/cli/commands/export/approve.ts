import { amount } from '../../amount.js';
import type { RegisterIn } from '../../command.js';
import { withWarden } from '../../open.js';
import { exporterOf, withExporter, type ExporterFlags } from './flags.js';

/** `export show`: what waits for an approval. */
export const show: RegisterIn = (program, family) => {
  const command = withExporter(
    family.command('show').argument('<id>', 'the request').description('show what waits for an approval'),
  );
  program.act<ExporterFlags>(command, async ({ io, output }, flags, id = '') => {
    const request = await withWarden(flags, io, (warden) => warden.exportApprovals.request(exporterOf(flags), id));
    await output.result(request, () => {
      const { principal, query, recipient, requestedAt } = request;
      const users = query.users === 'all' ? 'all users' : amount(query.users, 'user');
      const whom =
        query.spaces === undefined ? users : `${users} and ${query.spaces === 'all' ? 'all its' : query.spaces} spaces`;
      return [
        `${principal.id} (${principal.role}) asked at ${requestedAt}${principal.purpose === undefined ? '' : ` for the purpose ${principal.purpose}`}`,
        `${whom}, as ${query.format}${recipient === undefined ? '' : `, for ${recipient}`}; filter ${JSON.stringify(query.filter)}`,
      ].join('\n');
    });
    return undefined;
  });
};

/** `export approve`: by another user of the operating system than the one who asked. */
export const approve: RegisterIn = (program, family) => {
  const command = withExporter(
    family.command('approve').argument('<id>', 'the request').description("approve another user's export for 24 hours"),
  );
  program.act<ExporterFlags>(command, async ({ io, output }, flags, id = '') => {
    const approval = await withWarden(flags, io, (warden) => warden.exportApprovals.approve(exporterOf(flags), id));
    await output.result(
      approval,
      () => `approved by ${approval.approvedBy.id}; holds for 24 hours from ${approval.at}`,
    );
    return undefined;
  });
};
