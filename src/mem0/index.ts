import { requireCaller, type DoorPlugin } from '../http/door.js';

/** mem0's HTTP interface, for its published clients. */
export const mem0: DoorPlugin = (app, parts) => {
  requireCaller(app, parts);
};
