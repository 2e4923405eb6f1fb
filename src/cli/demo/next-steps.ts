import { relative } from 'node:path';
import { EXAMPLE_SET } from './example-set.js';

/** What to do after the demo. */
export const nextSteps = (): string => `
Next
  In a program:
    import { createWarden } from 'memwarden';
    const warden = await createWarden();
    const memory = warden.scope({ id: 'bot-1', role: 'agent', userId: 'alice' }, 'alice');
    await memory.add('Alice is vegetarian.', { level: 'public' });
    console.log(await memory.search('What does Alice eat?', { fill: 'recent' }));

  On the command line (npx memwarden --help tells of all):
    npx memwarden add 'Alice is vegetarian.' --user alice --as agent --on-behalf-of alice
    npx memwarden search 'Is Alice vegetarian?' --user alice --as agent --on-behalf-of alice
    npx memwarden list --user alice --as agent --on-behalf-of alice
    npx memwarden import ${quoted(fromHere(EXAMPLE_SET))} --users-from-file --as admin
    npx memwarden users --as admin
    npx memwarden doctor
  Memories go to ./.memwarden/data, or to MongoDB where MONGODB_URI is set.`;

// Where the package lies depends on how it was installed.
function fromHere(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

// As a POSIX shell takes it.
function quoted(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
