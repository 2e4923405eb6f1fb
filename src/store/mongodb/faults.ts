import { MongoBulkWriteError, MongoServerError } from 'mongodb';

/** What became of the statements of one unordered command, by their places. */
export interface Landed {
  /** What went wrong with single ones; the others are done. */
  readonly faults: ReadonlyMap<number, MongoServerError>;
}

/**
 * Waits for an unordered command of so few statements that the driver sends them at once.
 *
 * @throws the error of the driver where it is not known of each statement what became of it
 */
export async function landed(command: Promise<object>): Promise<Landed> {
  try {
    await command;
    return { faults: new Map() };
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError)) throw error;
    const faults = [error.writeErrors].flat();
    if (faults.length === 0 || error.result.getWriteConcernError()) throw error;
    // What a fault says beside its code can hold values.
    const byPlace = new Map(faults.map(({ index, code }) => [index, new MongoServerError({ code })]));
    return { faults: byPlace };
  }
}
