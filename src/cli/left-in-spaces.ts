import type { ErasureCertificate } from '../model/erasure.js';
import { amount } from './amount.js';

/** What became of what an erased user wrote in shared spaces, a line for each rule of theirs. */
export function leftInSpaces(shared: ErasureCertificate['shared'] = []): string[] {
  const of = (wanted: 'keep' | 'remove') => shared.filter(({ rule }) => rule === wanted);
  const [kept, removed] = [of('keep'), of('remove')];
  const gone = removed.reduce((sum, one) => sum + one.removed, 0);
  return [
    ...(removed.length > 0 ? [`removed ${amount(gone, 'memory')} in ${amount(removed.length, 'space')}`] : []),
    ...(kept.length > 0
      ? [
          `kept in ${amount(kept.length, 'space')}: what the user wrote there stays readable for others, under a random name`,
        ]
      : []),
  ];
}
