import isCreditCard from 'validator/lib/isCreditCard.js';
import isEmail from 'validator/lib/isEmail.js';
import isIBAN from 'validator/lib/isIBAN.js';
import isIdentityCard from 'validator/lib/isIdentityCard.js';
import isTaxID from 'validator/lib/isTaxID.js';

/** The checks that are used, each from its own file: the whole library is more than a hundred, which a start waits for. */
export const validator = {
  isCreditCard: isCreditCard.default,
  isEmail: isEmail.default,
  isIBAN: isIBAN.default,
  isIdentityCard: isIdentityCard.default,
  isTaxID: isTaxID.default,
};
