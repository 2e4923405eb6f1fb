import { writeSync } from 'node:fs';
import { noSteps, type Steps } from '../../../src/store/steps.js';
import { openPlace } from './place.js';
import type { Order } from './spawn.js';
import { tasks } from './tasks.js';

// A process with a driver of its own. A line is out before the next statement runs: a kill loses none that was printed.
const order = JSON.parse(process.argv[2] ?? '') as Order;
const say = (text: string) => {
  const bytes = Buffer.from(`${text}\n`);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      // Whoever reads is behind.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
};

const task = tasks[order.task];
if (!task) throw new Error(`no task ${order.task}`);
const driver = await openPlace(order.place, stepsOf(order.args));
await task(driver, order.args, say);
await driver.close().catch(() => undefined);
process.exit(0);

/** Ends the process at the n-th step of its acts, as a crash does: nothing runs after it. */
function stepsOf({ dieAtStep }: Order['args']): Steps {
  if (typeof dieAtStep !== 'number') return noSteps;
  let taken = 0;
  return async (name) => {
    taken += 1;
    if (taken !== dieAtStep) return;
    say(`dies at ${name}`);
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => undefined);
  };
}
