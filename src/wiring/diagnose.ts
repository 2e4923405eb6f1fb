import type { EmbedderOptions } from '../config/embedder.js';
import { toSettings, type WardenOptions } from '../config/options.js';
import { isMemwardenError } from '../errors/memwarden-error.js';
import { Alarms } from '../metrics/alarms.js';
import type { Clock } from '../model/clock.js';
import { mayLeave } from '../model/disclosure.js';
import type { Finding } from '../model/finding.js';
import { loadPolicyFolder } from '../policy/load.js';
import { openEmbedding } from '../search/embedder/open.js';
import { diagnoseKeys } from './key-findings.js';
import { openStore } from './stores.js';

// A word of ours: nobody's text leaves (S27), and none at all where nothing may.
async function tryEmbedder(options: EmbedderOptions, clock: Clock): Promise<string> {
  const { embedder, disclosure } = openEmbedding(options, new Alarms(), clock);
  try {
    if (!mayLeave('public', embedder, disclosure))
      return `${options.model}, not asked: \`disclose\` lets nothing leave`;
    const [vector] = await embedder.embed(['memory'], 'query');
    return `${embedder.modelId}, ${vector?.length ?? 0} numbers a vector`;
  } finally {
    await embedder.close();
  }
}

/**
 * What is wrong with policies, embedder and store, and what was found right; also where no warden can be made of them.
 *
 * @internal
 * @param assertStore throws where there is no store to look at, which is then not opened
 */
export async function diagnoseSettings(
  options?: WardenOptions,
  assertStore: () => Promise<void> = () => Promise.resolve(),
): Promise<Finding[]> {
  const settings = toSettings(options);
  const findings: Finding[] = [];
  const attempt = async <T>(
    check: string,
    act: () => Promise<T>,
    right: (made: T) => string,
  ): Promise<T | undefined> => {
    try {
      const made = await act();
      findings.push({ check, ok: true, message: right(made) });
      return made;
    } catch (error) {
      if (!isMemwardenError(error)) throw error;
      findings.push({ check, ok: false, message: `${error.code}: ${error.message} ${error.remedy}` });
      return undefined;
    }
  };
  await attempt(
    'policies',
    () => loadPolicyFolder(settings.policies),
    ({ roles, revision }) => `${roles.size} roles, revision ${revision}`,
  );
  const driver = await attempt(
    'store',
    async () => {
      await assertStore();
      return openStore(settings);
    },
    ({ kind }) => `${kind}, reached; acknowledged means durable`,
  );
  try {
    const { embedder } = settings;
    if (embedder)
      await attempt(
        'embedder',
        () => tryEmbedder(embedder, settings.clock),
        (told) => told,
      );
    if (driver) findings.push(...(await driver.diagnose()), ...(await diagnoseKeys(settings, driver, attempt)));
  } finally {
    await driver?.close();
  }
  return findings;
}
