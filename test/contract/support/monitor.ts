import type { EventEmitter } from 'node:events';
import type { CommandStartedEvent, Document } from 'mongodb';
import mongoose, { type Connection } from 'mongoose';
import type { StoreDriver } from '../../../src/store/driver.js';
import { openPlace, type Place } from './place.js';

/** A driver, and every command that it sends. */
export interface Monitored {
  readonly driver: StoreDriver;
  /** The commands since the start or since the last `take`, in order. */
  take(): Document[];
}

/** Opens a store on MongoDB with command monitoring. */
export async function openMonitored(place: Place): Promise<Monitored> {
  if (place.kind !== 'mongodb') throw new Error('only MongoDB has commands');
  const uri = `${place.uri}${place.uri.includes('?') ? '&' : '?'}monitorCommands=true`;
  let commands: Document[] = [];
  // Every connection that the driver makes from now on: migrate and diagnose have one of their own.
  const { events } = mongoose as unknown as { readonly events: EventEmitter };
  events.on('createConnection', (connection: Connection) => {
    connection.on('connected', () => {
      const client = connection.getClient();
      client.removeAllListeners('commandStarted');
      client.on('commandStarted', ({ command }: CommandStartedEvent) => void commands.push(command));
    });
  });
  const driver = await openPlace({ ...place, uri });
  const take = () => {
    const taken = commands;
    commands = [];
    return taken;
  };
  return { driver, take };
}

/** What a command does: the first of its keys. */
export const nameOf = (command: Document): string => Object.keys(command)[0] ?? '';
