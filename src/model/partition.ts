/** All memories of one owner. */
export interface Partition {
  readonly tenant: string;
  readonly userId: string;
}
