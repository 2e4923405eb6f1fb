import { z } from 'zod';
import { rateLimitsSchema } from '../rates.js';
import { setting } from './setting.js';

const { perCredential, perUser, failedAuthentications, shared } = rateLimitsSchema.shape;
const type = '`{ max, windowMs }` or false';

/** How often a server is asked at most. */
export const rateLimits = z.strictObject({
  perCredential: setting(perCredential, {
    about: 'how many requests of one credential are taken; `windowMs` is a minute where it is not given',
    type,
    otherwise: '60,000 a minute',
  }),
  perUser: setting(perUser, { about: 'how many of one credential for one user', type, otherwise: '6,000 a minute' }),
  failedAuthentications: setting(failedAuthentications, {
    about: 'how many that fail to authenticate, of one address',
    type,
    otherwise: '60 a minute',
  }),
  shared: setting(shared, { about: 'whether all processes on one store count together', otherwise: 'false' }),
});
