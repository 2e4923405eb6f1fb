import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { NEVER } from '../../model/addresses.js';
import { setting } from './setting.js';

const MOST_ATTEMPTS = 10;

/**
 * The origin that a text names: `https:`, or `http:` on this machine alone, without a path or a password, and at no
 * address that nothing is ever sent to.
 *
 * @returns it as `URL` writes it; undefined where the text is no such origin
 */
export function webhookOrigin(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, origin, href } = new URL(text);
  if (href !== `${origin}/`) return undefined;
  const host = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(host);
  if (family !== 0 && NEVER.check(host, family === 4 ? 'ipv4' : 'ipv6')) return undefined;
  if (protocol === 'https:') return origin;
  const isLocal = host === 'localhost' || host === '::1' || (family === 4 && host.startsWith('127.'));
  return protocol === 'http:' && isLocal ? origin : undefined;
}

/** Puts a network, `10.1.0.0/16` or one address, on a list. @returns whether the text is one */
export function addNetwork(list: BlockList, text: string): boolean {
  const [, address = '', length] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const family = isIP(address);
  const longest = family === 4 ? 32 : 128;
  const bits = length === undefined ? longest : Number(length);
  // None of zero bits: that would be every address there is.
  if (family === 0 || bits < 1 || bits > longest) return false;
  list.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
  return true;
}

const origin = z
  .string()
  .refine((text) => webhookOrigin(text) !== undefined, 'an https origin, or an http one of this machine')
  .transform((text) => webhookOrigin(text) ?? '');
const network = z
  .string()
  .refine((text) => addNetwork(new BlockList(), text), 'an address, or a network as 10.1.0.0/16');
const milliseconds = z.int().min(1).max(3_600_000);

/** What `mem0.webhooks` can be told. */
export const webhookSettings = z.strictObject({
  allow: setting(z.array(origin).max(1_000).default([]), {
    about:
      'origins that webhooks are delivered to, as `https://hooks.example.com` ([mem0.md](mem0.md#webhooks)); with an empty list nothing is delivered',
    type: 'list',
  }),
  networks: setting(z.array(network).max(1_000).default([]), {
    about: 'private networks that the names of those origins may lead into, as `10.1.0.0/16`',
    type: 'list',
  }),
  timeoutMs: setting(milliseconds.default(5_000), {
    about: 'how long a receiver has to answer a delivery',
  }),
  retryMs: setting(z.array(milliseconds).max(MOST_ATTEMPTS).default([1_000, 10_000, 60_000]), {
    about: 'how long a delivery that failed waits before each further attempt, about',
    type: 'list',
  }),
});

/** How webhooks are delivered. */
export type WebhookSettings = Readonly<z.output<typeof webhookSettings>>;
