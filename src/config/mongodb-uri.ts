// Of a URI that names none.
const DATABASE = 'memwarden';

/** What an address of MongoDB begins with. */
export const MONGODB = /^mongodb(?:\+srv)?:\/\//;

/** The name of the database of a URI. */
export function databaseNameOf(uri: string): string {
  const [, database = ''] = /^[^/]+:\/\/[^/?]+(?:\/([^?]*))?/.exec(uri) ?? [];
  return database || DATABASE;
}

/** The URI of a database beside another on the same server: the other's name (`memwarden` where it has none) and more. */
export function databaseBeside(uri: string, suffix: string): string {
  const [, server = uri, database = '', query = ''] = /^([^/]+:\/\/[^/?]+)(?:\/([^?]*))?(\?.*)?$/.exec(uri) ?? [];
  // Where the name is in the URI it also says who to authenticate against.
  const source =
    database === '' || /[?&]authSource=/i.test(query) || !server.includes('@') ? '' : `authSource=${database}`;
  const more = source === '' ? query : query === '' ? `?${source}` : `${query}&${source}`;
  return `${server}/${database || DATABASE}${suffix}${more}`;
}

/** Hosts and database of a URI, without who comes in; undefined of what is no URI. */
export function addressOf(uri: string): string | undefined {
  const [, hosts, database = ''] = /^[^/]+:\/\/(?:[^@/]*@)?([^/?]+)(?:\/([^?]*))?/.exec(uri) ?? [];
  return hosts === undefined ? undefined : `${hosts}/${database || DATABASE}`;
}
