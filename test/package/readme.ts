import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { node, ROOT, type Packed } from './packed.js';

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
/** The blocks of a language. */
function blocks(language: string): string[] {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(
    ([, text]) => text as string,
  );
}

/** What a block says that it prints: the comment after each console.log. */
function promised(block: string): string[] {
  return [...block.matchAll(/console\.log\(.*\/\/ (.+)$/gm)].map(([, text]) => text as string);
}

/** What the readme shows, run against the built package. */
export function describeReadme(packed: () => Packed): void {
  describe('the readme', () => {
    let project: string;

    beforeAll(() => {
      const { folder, tarball } = packed();
      project = join(folder, 'reader');
      mkdirSync(join(project, 'node_modules'), { recursive: true });
      execFileSync('tar', ['-xzf', tarball, '-C', folder]);
      // Node looks for what memwarden depends on beside the package, which is where its real path lies.
      symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
      symlinkSync(join(folder, 'package'), join(project, 'node_modules/memwarden'));
    });

    const [first] = blocks('js');

    test('begins its code with the use of the library, in ten lines or so', () => {
      expect(README.indexOf('```js')).toBe(README.indexOf('```'));
      const lines = (first ?? '').split('\n').filter((line) => line.trim() !== '');
      expect(lines.length).toBeLessThanOrEqual(10);
      expect(promised(first ?? '').length).toBeGreaterThan(1);
    });

    test.each(blocks('js').map((block, i) => [i + 1, block] as const))(
      'code block %i runs and prints what it says',
      (i, block) => {
        writeFileSync(join(project, `block-${i}.mjs`), block);
        const said = node([`block-${i}.mjs`], project)
          .trim()
          .split('\n');
        expect(said).toEqual(promised(block));
      },
    );

    test.each(blocks('yaml').map((block, i) => [i + 1, block] as const))('policy %i loads', (i, block) => {
      mkdirSync(join(project, `policies-${i}`));
      writeFileSync(join(project, `policies-${i}/policy.yaml`), block);
      const options = { store: { kind: 'embedded', path: `./data-${i}` }, policies: `./policies-${i}` };
      const script = `const { createWarden } = await import('memwarden');
        const warden = await createWarden(${JSON.stringify(options)});
        console.log(warden.policyRevision);
        await warden.close();`;
      expect(node(['--input-type=module', '-e', script], project)).toMatch(/^[0-9a-f]{64}\n$/);
    });

    test.each(['npm ci && npm start', 'npm ci && npm test'])('names %s', (command) => {
      expect(README).toContain(command);
    });

    test('names the scripts that there are', () => {
      const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
        scripts: Record<string, string>;
      };
      const named = [...README.matchAll(/npm (?:run )?(start|test|demo|bench|parity|chaos|lint|docs)\b/g)].map(
        ([, name]) => name as string,
      );
      expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
    });
  });
}
