import { lookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { addNetwork, type WebhookSettings } from '../../config/serve/webhooks.js';
import { isOn, isPublic, LOOPBACK, NEVER } from '../../model/addresses.js';

/** The code of the error that a connection to an address ends in which nothing may be sent to. */
export const REFUSED_ADDRESS = 'EADDRREFUSED';

/** Finds the addresses of a host; `dns.lookup`. */
export type Resolve = (
  hostname: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

const LONGEST = 2_048;

/** Where deliveries may go: the origins that the operator lists, at public addresses or those that are listed too. */
export class Destinations {
  readonly #origins: ReadonlySet<string>;
  readonly #networks = new BlockList();

  readonly #resolve: Resolve;

  constructor({ allow, networks }: Pick<WebhookSettings, 'allow' | 'networks'>, resolve: Resolve = lookup) {
    this.#resolve = resolve;
    this.#origins = new Set(allow);
    for (const network of networks) addNetwork(this.#networks, network);
  }

  /** Whether an address is of an origin that is listed. */
  allows(address: string): boolean {
    if (address.length > LONGEST || !URL.canParse(address)) return false;
    const { origin, username, password } = new URL(address);
    return username === '' && password === '' && this.#origins.has(origin);
  }

  /**
   * Resolves a host for one connection, which goes to one of the addresses that were looked at here and to no other: who
   * answers the next question about the name is not asked. Where any of them may not be sent to, all are refused.
   */
  readonly lookup: LookupFunction = (hostname, options, done) => {
    this.#resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return void done(error, []);
      if (found.length === 0 || !found.every(({ address }) => this.permits(hostname, address)))
        return void done(Object.assign(new Error('address refused'), { code: REFUSED_ADDRESS }), []);
      const [first] = found;
      if (options.all === true) done(null, found);
      else done(null, first?.address ?? '', first?.family);
    });
  };

  /** Whether a host that is listed may be at an address. */
  permits(hostname: string, address: string): boolean {
    if (isOn(NEVER, address)) return false;
    // Who lists an address means it.
    if (isIP(hostname) !== 0) return hostname === address;
    if (hostname === 'localhost') return isOn(LOOPBACK, address);
    return isPublic(address) || isOn(this.#networks, address);
  }
}
