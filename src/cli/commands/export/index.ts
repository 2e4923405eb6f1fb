import type { Registry } from '../../command.js';
import { approve, show } from './approve.js';
import { runExport } from './run.js';
import { verify } from './verify.js';

/** `export`: handing memories out, and proving what was handed out. */
export function exporting(program: Registry): void {
  const family = program.command('export', 'export memories, approve exports, and check what was exported');
  for (const register of [runExport, verify, show, approve]) register(program, family);
}
