import { isMemwardenError } from '../../src/errors/memwarden-error.js';
import { openTenantsWith } from '../../src/tenants/tenants.js';
import type { Asked, Given } from './apart.js';

// A process with wardens of its own, which does what it is asked.
const { warden } = JSON.parse(process.argv[2] ?? '') as Given;
// Nothing waits for what another process may hold: the rows go at once.
const tenants = await openTenantsWith({ isolation: 'shared', warden }, { wait: () => Promise.resolve() });

process.on('message', ({ n, ...asked }: Asked & { readonly n: number }) => {
  void act(asked).then(
    (value) => process.send?.({ n, value }),
    (error: unknown) => process.send?.({ n, code: isMemwardenError(error) ? error.code : String(error) }),
  );
});
process.on('disconnect', () => void tenants.close().finally(() => process.exit()));
process.send?.({ n: 0 });

function act({ tenant, door: [name, ...of], method, args }: Asked): Promise<unknown> {
  return tenants.use({ id: 'test', role: 'admin', tenant }, (own) => {
    const doors = { scope: own.scope.bind(own), space: own.space.bind(own), keys: () => own.keys };
    const door = (doors[name] as (...given: unknown[]) => object)(...of);
    const call: unknown = Reflect.get(door, method);
    if (typeof call !== 'function') throw new Error(`no ${name}.${method}`);
    return Reflect.apply(call, door, args) as Promise<unknown>;
  });
}
