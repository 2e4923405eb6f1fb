import type { Register } from '../command.js';
import { add } from './add.js';
import { audit } from './audit/index.js';
import { classify } from './classify.js';
import { count } from './count.js';
import { credentials } from './credentials/index.js';
import { demo } from './demo.js';
import { doctor } from './doctor.js';
import { encryptRows } from './encrypt-existing.js';
import { erasure } from './erasure/index.js';
import { eachUser } from './each-user.js';
import { embed } from './embed.js';
import { evaluate } from './eval.js';
import { explain } from './explain.js';
import { exporting } from './export/index.js';
import { get } from './get.js';
import { history } from './history.js';
import { importFile } from './import.js';
import { keys } from './keys/index.js';
import { list } from './list.js';
import { mcp } from './mcp.js';
import { migrate } from './migrate.js';
import { policy } from './policy/index.js';
import { purge } from './purge.js';
import { remove } from './delete.js';
import { search } from './search.js';
import { serve } from './serve.js';
import { space } from './space/index.js';
import { tenants } from './tenants/index.js';
import { update } from './update.js';
import { users } from './users.js';

/** Every command, in the order of the help. */
export const REGISTER: readonly Register[] = [
  serve,
  add,
  importFile,
  search,
  list,
  get,
  count,
  update,
  remove,
  history,
  explain,
  policy,
  space,
  users,
  eachUser,
  audit,
  exporting,
  classify,
  purge,
  embed,
  migrate,
  keys,
  erasure,
  credentials,
  tenants,
  encryptRows,
  mcp,
  doctor,
  evaluate,
  demo,
];
