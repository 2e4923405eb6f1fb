import type { ServerConfig } from '../../config/serve/schema.js';
import type { DoorPlugin } from '../../http/door.js';
import { v1 } from '../../http/v1/index.js';
import { mcpDoor } from '../../mcp/http.js';
import { mem0 } from '../../mem0/index.js';
import { definedIn } from '../../model/bare.js';

type DoorName = keyof ServerConfig['doors'];

// Every door of the server, in the order in which they are registered. A new one is a line here and a setting in
// `doors` of src/config/serve/schema.ts.
const DOORS: Readonly<Partial<Record<DoorName, (config: ServerConfig) => DoorPlugin>>> = {
  http: () => v1,
  mem0: () => mem0,
  mcp: ({ mcp }) => mcpDoor(definedIn(mcp)),
};

/** The doors that a configuration opens. */
export function doorsOf(config: ServerConfig): DoorPlugin[] {
  return Object.entries(DOORS).flatMap(([name, door]) => (config.doors[name as DoorName] ? [door(config)] : []));
}
