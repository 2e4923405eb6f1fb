import { afterAll, beforeAll } from '@jest/globals';
import { describeConsumer } from './consumer.js';
import { describeContents } from './contents.js';
import { pack, type Packed } from './packed.js';
import { describeReadme } from './readme.js';

// Packed once for all of them: building takes the most time.
let packed: Packed;
beforeAll(() => {
  packed = pack();
}, 300_000);
afterAll(() => packed.remove());

describeContents(() => packed);
describeReadme(() => packed);
describeConsumer(() => packed);
