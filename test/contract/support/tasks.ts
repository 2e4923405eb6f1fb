import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { keysOf, recordNo, writerOn } from '../../audit/support/logs.js';
import type { StoreDriver } from '../../../src/store/driver.js';
import { Gate } from '../../../src/store/embedded/gate.js';
import type { Partition } from '../../../src/store/partition.js';
import type { Target } from '../../../src/store/planned.js';
import type { ExportOptions } from '../../../src/memory/exporting.js';
import { openWarden } from '../../../src/warden.js';
import { atOnce, wardenOptions } from '../../support/key-folder.js';
import { openPlace, type Place } from './place.js';
import { runWorkload } from './workload.js';
import { at, everythingIn, idsOf, nextOf, recordOf, store, changeOf, targetsOf } from './records.js';

type Args = Readonly<Record<string, unknown>>;
type Task = (driver: StoreDriver, args: Args, say: (text: string) => void) => Promise<void>;

const partitionOf = (args: Args) => args['partition'] as Partition;

/** What child processes do; each prints what the test reads. */
export const tasks: Readonly<Record<string, Task>> = {
  /** Raises a record's version some times against whoever does the same, and prints how many writes that took. */
  async climb(driver, args, say) {
    const partition = partitionOf(args);
    let tried = 0;
    for (let won = 0; won < (args['times'] as number);) {
      const current = await driver.planned.findOne(everythingIn(partition), args['id'] as string);
      if (!current) throw new Error('the record is gone');
      const next = nextOf(current, { content: `${String(current.content)}${String(args['letter'])}` });
      tried += 1;
      if (await driver.planned.replace(everythingIn(partition), changeOf(current, next), 0)) won += 1;
    }
    say(JSON.stringify({ tried }));
  },

  /** Does what each line that it reads says: `insert ID` or `list`. */
  async serve(driver, args, say) {
    const partition = partitionOf(args);
    say('ready');
    for await (const line of createInterface({ input: process.stdin })) {
      const [verb, id = ''] = line.split(' ');
      if (verb === 'insert') await store(driver, [recordOf(partition, id)]);
      const ids = idsOf(await driver.planned.find(everythingIn(partition), 1_000));
      say(`${line} -> ${ids.sort().join(',')} at ${String(await driver.planned.revision(partition))}`);
    }
  },

  async key(driver, args, say) {
    say((await driver.service.currentKey(args['purpose'] as string)).secret.toString('hex'));
  },

  /** Inserts one record after another; says so only once it is acknowledged. */
  async acknowledge(driver, args, say) {
    const partition = partitionOf(args);
    for (let n = 0; n < (args['times'] as number); n += 1) {
      const marker = `MARK${String(args['name'])}${n}.`;
      await store(driver, [recordOf(partition, `${partition.userId}:${n}`, { occurred_at: at(n), content: marker })]);
      say(`ACK ${marker}`);
    }
  },

  /** Reads until it has seen some records; says of each that it was released. */
  async watch(driver, args, say) {
    const partition = partitionOf(args);
    const seen = new Set<string>();
    while (seen.size < (args['times'] as number)) {
      for (const { content = '' } of await driver.planned.find(everythingIn(partition), 1_000)) {
        if (seen.has(String(content))) continue;
        seen.add(String(content));
        say(`SAW ${String(content)}`);
      }
      await sleep(1);
    }
  },

  async insert(driver, args, say) {
    const records = (args['ids'] as string[]).map((id) => recordOf(partitionOf(args), id));
    await store(driver, records, true);
    say('done');
  },

  async replace(driver, args, say) {
    const partition = partitionOf(args);
    const current = await driver.planned.findOne(everythingIn(partition), args['id'] as string);
    if (!current) throw new Error('the record is gone');
    say(`done ${String(await driver.planned.replace(everythingIn(partition), changeOf(current, nextOf(current)), 0))}`);
  },

  async remove(driver, args, say) {
    const targets = args['targets'] as Target[];
    say(`done ${await driver.planned.remove(everythingIn(partitionOf(args)), targetsOf(targets), at(60), 0)}`);
  },

  async purge(driver, args, say) {
    say(`done ${JSON.stringify(await driver.maintenance.purge(partitionOf(args), at(args['minute'] as number), 100))}`);
  },

  /** Enters the gate of an embedded store and stays there. */
  async stay(_driver, args, say) {
    const gate = await Gate.open(join(args['path'] as string, 'gate'));
    await gate.enter(async () => {
      say('inside');
      await sleep(600_000);
    });
  },

  /** Rotates the key of a user, at once. */
  async rotate(driver, args, say) {
    await driver.close();
    const warden = await openWarden(wardenOptions(args['place'] as Place, args['folder'] as string), atOnce);
    say('begins');
    await warden.keys.rotateUser({ id: 'officer', role: 'admin' }, args['user'] as string);
    await warden.close();
  },

  /** Erases a user, at once. */
  async erase(driver, args, say) {
    await driver.close();
    const warden = await openWarden(wardenOptions(args['place'] as Place, args['folder'] as string), atOnce);
    say('begins');
    await warden.keys.erase({ id: 'officer', role: 'admin' }, args['user'] as string);
    await warden.close();
  },

  /** Exports; says how many users are done. */
  async export(driver, args, say) {
    await driver.close();
    const warden = await openWarden(wardenOptions(args['place'] as Place, args['folder'] as string), atOnce);
    const onProgress = ({ users }: { readonly users: number }) => say(`at ${users}`);
    await warden.export({ id: 'officer', role: 'admin' }, { ...(args['options'] as ExportOptions), onProgress });
    say('ends');
    await warden.close();
  },

  /** Adds and updates memories of a user as so many callers; says of each change that it was acknowledged. */
  async change(driver, args, say) {
    await driver.close();
    const warden = await openWarden(wardenOptions(args['place'] as Place, args['folder'] as string), atOnce);
    const memory = warden.scope({ id: 'officer', role: 'admin' }, args['user'] as string);
    const caller = async () => {
      for (let n = 0; ; n += 1) {
        const { id } = await memory.add(`memory ${n}`);
        say(`ACK add ${id}`);
        await memory.update(id, { content: `changed ${n}` });
        say(`ACK update ${id}`);
      }
    };
    await Promise.all(Array.from({ length: args['callers'] as number }, caller));
  },

  /** Does a job to each user; says of each that it was done. */
  async eachUser(driver, args, say) {
    await driver.close();
    const warden = await openWarden(wardenOptions(args['place'] as Place, args['folder'] as string), atOnce);
    const job = args['job'] as string;
    const pace = { job, concurrency: 4, perSecond: args['perSecond'] as number };
    await warden.forEachUser({ id: 'officer', role: 'admin' }, pace, async (scope, userId) => {
      await scope.count();
      say(`did ${userId}`);
    });
    say('ends');
    await warden.close();
  },

  /** Opens and closes the store in a process that holds it in no other way. */
  async reopen(driver, args, say) {
    await driver.close();
    let opened = 0;
    for (const end = Date.now() + (args['ms'] as number); Date.now() < end; opened += 1) {
      await (await openPlace(args['place'] as Place)).close();
    }
    say(`opened ${opened}`);
  },

  /** Writes the audit log as so many callers; says of each record that it was acknowledged, or at the end how many. */
  async audit(driver, args, say) {
    const { writer } = writerOn(driver.audit, keysOf(driver.service).keys, { timeoutMs: 60_000 });
    const {
      name,
      callers,
      ms = Infinity,
      quiet,
    } = args as { name: string; callers: number; ms?: number; quiet?: boolean };
    const end = Date.now() + ms;
    let next = 0;
    const caller = async () => {
      while (Date.now() < end) {
        const n = (next += 1);
        const event = `${name}-${n}`;
        await writer.write(recordNo(n, { event }));
        if (!quiet) say(`ACK ${event}`);
      }
    };
    await Promise.all(Array.from({ length: callers }, caller));
    await writer.close();
    say(`DONE ${next}`);
  },

  async workload(driver, args, say) {
    await runWorkload(driver, partitionOf(args), args as { name: string; seed: number; acts?: number }, say);
  },
};
