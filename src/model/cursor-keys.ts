/** The keys that cursors are made with, shared by all processes on one store (S12). */
export interface CursorKeys {
  current(): Promise<{ readonly id: string; readonly secret: Buffer }>;
  byId(id: string): Promise<{ readonly id: string; readonly secret: Buffer } | undefined>;
}
