// A program of somebody's that uses the library: it writes until the disk takes no more, and says what it was told. What
// rejects and is handled by nobody ends it, as it would any.
const [library, folder, failures] = process.argv.slice(2);
const { createWarden } = await import(library);
const warden = await createWarden({
  store: { kind: 'embedded', path: `${folder}/data` },
  audit: { checkpoints: `${folder}/checkpoints` },
  keys: { kms: `local:${folder}/kms/kek`, ledger: `${folder}/ledger` },
});
const memory = warden.scope({ id: 'a', role: 'agent', userId: 'alice' }, 'alice');
const told = { acknowledged: [], refused: [] };
for (let at = 0; at < 2_000 && told.refused.length < Number(failures); at += 1) {
  const content = `number ${at} ${'z'.repeat(30_000)}`;
  await memory.add(content).then(
    ({ id }) => told.acknowledged.push([id, at]),
    ({ code, detail }) => told.refused.push({ code, ...detail }),
  );
}
// Room is made by who started this one.
process.stdout.write(`${JSON.stringify(told)}\n`);
await new Promise((done) => process.stdin.once('data', done));
const after = await memory.add('again').then(
  () => 'added',
  ({ code }) => code,
);
await warden.close().catch(() => undefined);
process.stdout.write(`${JSON.stringify({ after })}\n`);
process.exit(0);
