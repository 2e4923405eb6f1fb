/** What to do after the demo. */
export const NEXT_STEPS = `
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
    npx memwarden import examples/year.ndjson --users-from-file --as admin
    npx memwarden users --as admin
    npx memwarden doctor
  Memories go to ./.memwarden/data, or to MongoDB where MONGODB_URI is set.`;
