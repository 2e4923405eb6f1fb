/**
 * Whether an RSA modulus has the fingerprint of keys that some chips generated such that they can be factored
 * (CVE-2017-15361; Nemec, Sys, Svenda, Klinec, Matyas: The Return of Coppersmith's Attack, CCS 2017, section 2.3): modulo
 * each small prime it is a power of 65537. A key made otherwise has it by chance about once in 10^8.
 *
 * @param modulus big-endian bytes
 */
export function hasRocaFingerprint(modulus: Uint8Array): boolean {
  const n = BigInt(`0x${Buffer.from(modulus).toString('hex') || '0'}`);
  return FINGERPRINTS.every(([prime, powers]) => powers.has(Number(n % BigInt(prime))));
}

const GENERATOR = 65_537;
// Those of the paper's table: the primes up to 167 of which 65537 does not generate every residue.
const FINGERPRINTS = primesTo(167)
  .map((prime) => [prime, powersOf(GENERATOR % prime, prime)] as const)
  .filter(([prime, powers]) => powers.size < prime - 1);

function powersOf(generator: number, prime: number): ReadonlySet<number> {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * generator) % prime) powers.add(power);
  return powers;
}

function primesTo(limit: number): number[] {
  const primes: number[] = [];
  for (let n = 3; n <= limit; n += 2) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes;
}
