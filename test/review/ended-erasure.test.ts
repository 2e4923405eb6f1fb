import { expect, test } from '@jest/globals';
import { handClock, ADMIN, describeOnEachStore, outcome } from '../support/warden.js';

describeOnEachStore('A warden that is closed while an erasure waits', (open) => {
  test('S21, S22: does not wait for it; the erasure says so, and another process goes on with it', async () => {
    let waits = () => undefined as void;
    const waiting = new Promise<void>((resolve) => (waits = resolve));
    // The wrapped keys are gone by then, and it waits until nobody can hold one.
    const { warden, again } = await open({ acts: { step: (name) => (name === 'swept' ? waits() : undefined) } });
    await warden.scope(ADMIN, 'alice').add('Alice keeps canaries.');
    const erasing = outcome(() => warden.keys.erase(ADMIN, 'alice'));
    await waiting;
    await new Promise((done) => setTimeout(done, 100));
    await warden.close();
    expect(await erasing).toBe('closed');

    const clock = handClock();
    clock.forward(Date.now() - clock().getTime() + 3_600_000);
    const next = await again({ clock });
    const [certificate] = await next.keys.resumeErasures(ADMIN);
    expect(certificate).toMatchObject({ keyIds: [expect.any(String), expect.any(String)] });
    expect(await next.scope(ADMIN, 'alice').count()).toBe(0);
    expect(await next.audit(ADMIN).verify()).toMatchObject({ ok: true, openIntents: [] });
  });
});
