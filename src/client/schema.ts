// Written by `npm run generate` from docs/openapi.json.

export interface paths {
    readonly "/v1/users/{user}/memories": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Lists what the principal may read, newest first.
         * @description With `Accept: application/x-ndjson` everything is streamed, a memory a line; an error that comes late is the last line, `{"error": ...}`.
         */
        readonly get: operations["listMemories"];
        readonly put?: never;
        /**
         * Adds a memory, or the messages of a chat.
         * @description Of messages all are added or none. What the author may not read back is answered with id, owner and level alone.
         */
        readonly post: operations["addMemory"];
        /** Deletes what a selection names, or with `all=true` everything, of what the principal may read and delete. */
        readonly delete: operations["deleteMemories"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/users/{user}/memories/query": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** The same, with the selection in the body, so that it stands in no address. */
        readonly post: operations["queryMemories"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/users/{user}/memories/count": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Counts what the principal may read. */
        readonly get: operations["countMemories"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/users/{user}/memories/batch": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Adds up to 1,000 memories: all of them or none. */
        readonly post: operations["addMemories"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/users/{user}/memories/search": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * The memories that answer a query best.
         * @description Scores are absolute, from 0 to 1, and depend on nothing that the principal may not read.
         */
        readonly post: operations["searchMemories"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/users/{user}/context": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** The memories for a prompt, as text that marks them as data. */
        readonly post: operations["makeContext"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/users/{user}/explain": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Why an action on a memory is allowed or denied: which rule decided, and why the others did not.
         * @description Of a stored memory by its `id`, or of a `record` that is handed in, with the names of docs/record.md.
         */
        readonly post: operations["explain"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/users/{user}/memories/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** One memory. */
        readonly get: operations["getMemory"];
        readonly put?: never;
        readonly post?: never;
        /** Deletes a memory. */
        readonly delete: operations["deleteMemory"];
        readonly options?: never;
        readonly head?: never;
        /** Changes a memory. */
        readonly patch: operations["updateMemory"];
        readonly trace?: never;
    };
    readonly "/v1/users/{user}/memories/{id}/history": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The changes of a memory that the principal may see, oldest first; of a deleted one without its content. */
        readonly get: operations["getMemoryHistory"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/users": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** A page of the users that memories are kept of, ordered by the bytes of their ids. */
        readonly get: operations["listUsers"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/exports": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Exports what the principal may read and export of some users, or of all.
         * @description The same request goes on with what was interrupted, and begins what was approved; until a job is over it answers with that job. Files wait for a day.
         */
        readonly post: operations["startExport"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/exports/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** How far an export is. Its own credential, and who may approve exports, sees it. */
        readonly get: operations["getExport"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/exports/{id}/approve": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Approves another principal's export: the same request then begins it. */
        readonly post: operations["approveExport"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/exports/{id}/manifest": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The signed manifest of an export that is done. */
        readonly get: operations["getExportManifest"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/exports/{id}/file": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The file of an export that is done, to its own credential alone.
         * @description Everything in it is decided anew before it is handed out; where something was erased, has expired or may no longer be exported, the export has to be run again. Each time is a disclosure on record.
         */
        readonly get: operations["getExportFile"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/users/{user}/erase": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Erases a user: keys, memories, history. The certificate is there after about a minute.
         * @description The same request goes on with an erasure that was interrupted. Fetch /v1/audit/report first: afterwards nobody can make one.
         */
        readonly post: operations["eraseUser"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/erasures/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * How far an erasure is, with the signed certificate when it is done.
         * @description Its own credential sees it, and who may list keys.
         */
        readonly get: operations["getErasure"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/audit/records": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The newest records of a selection, oldest first. */
        readonly get: operations["queryAudit"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/audit/report": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Accounting of disclosures: every release of a user's memories. */
        readonly get: operations["reportDisclosures"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/policy": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The revision of the policies in force. */
        readonly get: operations["policyRevision"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/policy/matrix": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What each role may do to what, as the policies in force decide it.
         * @description Where rules have time limits it holds for the hour of the request.
         */
        readonly get: operations["policyMatrix"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/policy/test": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Asks the policies in force about one principal and one record, which are made up.
         * @description With `expect` it says whether exactly these actions are allowed. Nothing stored is looked at.
         */
        readonly post: operations["testPolicy"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/keys": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The state of the keys of all users, in numbers. */
        readonly get: operations["keyStatus"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/keys/public": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The public keys that certificates, manifests and checkpoints are checked with. */
        readonly get: operations["publicKeys"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/credentials": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** All API keys without their secrets, also the revoked and expired ones. */
        readonly get: operations["listCredentials"];
        readonly put?: never;
        /** Makes an API key. It is told this once; a replay answers without it. */
        readonly post: operations["createCredential"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/credentials/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /** Revokes an API key: in force at the next request, in every process. */
        readonly delete: operations["revokeCredential"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A record of the log: no content, no query, users as pseudonyms; docs/audit.md. */
        readonly AuditRecord: {
            readonly v: number;
            /** @constant */
            readonly kind: "event";
            readonly id: string;
            /** Format: date-time */
            readonly time: string;
            readonly door: string;
            readonly request: string;
            readonly principal: {
                readonly id?: string;
                readonly self?: string;
                readonly role: string;
                readonly user?: string;
            };
            readonly purpose?: string;
            readonly action: string;
            readonly subject: string;
            readonly act?: string;
            /** @enum {string} */
            readonly phase: "read" | "intent" | "result" | "reconciled";
            /** @enum {string} */
            readonly outcome: "allowed" | "denied" | "absent" | "conflict" | "failed" | "unknown";
            readonly owner?: string;
            readonly count: number;
            readonly levels?: {
                readonly [key: string]: number;
            };
            readonly ids?: string;
            readonly rules: readonly string[];
            readonly policy: string;
            readonly hidden?: boolean;
            readonly recipient?: string;
            readonly intent?: string;
        };
        readonly ChatMessage: {
            readonly role: string;
            readonly content: string;
            readonly name?: string;
            /** Format: date-time */
            readonly timestamp?: string;
        };
        readonly Context: {
            readonly text: string;
            readonly memories: readonly components["schemas"]["Memory"][];
            readonly tokens: number;
            readonly withoutMeaning?: string;
        };
        readonly ContextOrder: {
            readonly query: string;
            readonly budgetTokens?: number;
            readonly filter?: components["schemas"]["SearchFilter"];
            /**
             * @description By words, by meaning, or both; both where there is an embedder, else by words.
             * @enum {string}
             */
            readonly mode?: "lexical" | "semantic" | "hybrid";
        };
        readonly Credential: {
            readonly id: string;
            /** @description The part of the key in clear, by which it is looked up. */
            readonly prefix: string;
            readonly name?: string;
            readonly grant: {
                readonly role: string;
                readonly users: "any" | readonly string[];
                readonly purposes: "any" | readonly string[];
                readonly attributes?: {
                    readonly [key: string]: string | number | boolean;
                };
            };
            /** Format: date-time */
            readonly createdAt: string;
            /** Format: date-time */
            readonly expiresAt?: string;
            /** Format: date-time */
            readonly lastUsedAt?: string;
            /** Format: date-time */
            readonly revokedAt?: string;
        };
        readonly DisclosureReport: {
            readonly userId: string;
            /** Format: date-time */
            readonly since?: string;
            /** Format: date-time */
            readonly until?: string;
            readonly known: boolean;
            readonly disclosures: readonly {
                /** Format: date-time */
                readonly date: string;
                readonly recipient: string;
                readonly askedBy?: string;
                readonly role: string;
                readonly onBehalfOf?: string;
                readonly purpose?: string;
                readonly act: string;
                readonly kinds: {
                    readonly [key: string]: number;
                };
                readonly count: number;
                readonly door: string;
                readonly event: string;
            }[];
        };
        /** @description Names keys, never the user; signed with Ed25519. */
        readonly ErasureCertificate: {
            /** @constant */
            readonly format: "memwarden erasure certificate 1";
            readonly erasureId: string;
            readonly storeId: string;
            readonly requestedBy: {
                readonly id: string;
                readonly role: string;
                readonly purpose?: string;
            };
            /** Format: date-time */
            readonly requestedAt: string;
            /** Format: date-time */
            readonly keysDestroyedAt: string;
            /** Format: date-time */
            readonly completedAt: string;
            /**
             * Format: date-time
             * @description From this moment on no copy that the product knows of can be opened.
             */
            readonly finalAt: string;
            readonly policyRevision: string;
            readonly keyIds: readonly string[];
            readonly deleted: {
                readonly memories: number;
                readonly states: number;
            };
            readonly tombstone: number;
            readonly remains: readonly {
                readonly where: string;
                readonly what: string;
                readonly until: string;
            }[];
            readonly beyond: readonly string[];
            readonly signedBy: string;
            readonly signature: string;
        };
        readonly ErasureJob: {
            readonly id: string;
            /** @enum {string} */
            readonly state: "waiting" | "ready" | "running" | "interrupted" | "done" | "failed";
            /** Format: date-time */
            readonly createdAt: string;
            /** Format: date-time */
            readonly endedAt?: string;
            readonly error?: string;
            readonly certificate?: components["schemas"]["ErasureCertificate"];
        };
        /** @description Either `id` or `record`. */
        readonly ExplainOrder: {
            readonly id?: string;
            readonly record?: {
                readonly [key: string]: unknown;
            };
            /**
             * @description `read` where none is given.
             * @enum {string}
             */
            readonly action?: "create" | "read" | "update" | "reclassify" | "delete" | "share" | "export" | "explain";
        };
        readonly Explanation: {
            readonly allowed: boolean;
            /** @enum {string} */
            readonly action: "create" | "read" | "update" | "reclassify" | "delete" | "share" | "export" | "explain";
            readonly rule?: {
                readonly id: string;
                readonly reason: string;
            };
            /** @enum {string} */
            readonly refusedBy?: "partition" | "well_formed" | "expired";
            readonly considered: readonly {
                readonly id: string;
                readonly reason: string;
                readonly inverted: boolean;
                /** @enum {string} */
                readonly outcome: "decides" | "matches" | "other_action" | "time" | "principal" | "conditions" | "withheld";
                readonly because?: readonly string[];
                readonly conditions?: readonly string[];
                /** @enum {string} */
                readonly fact?: "missing" | "other";
            }[];
            readonly policyRevision: string;
        };
        readonly ExportJob: {
            readonly id: string;
            /**
             * @description `waiting`: for an approval; `ready` and `interrupted`: the same request runs it.
             * @enum {string}
             */
            readonly state: "waiting" | "ready" | "running" | "interrupted" | "done" | "failed";
            /** Format: date-time */
            readonly createdAt: string;
            /** Format: date-time */
            readonly endedAt?: string;
            readonly progress?: {
                readonly [key: string]: number;
            };
            /** @description The code of the error that it ended in. */
            readonly error?: string;
            readonly counts?: {
                readonly users: number;
                readonly memories: number;
                readonly levels: {
                    readonly [key: string]: number;
                };
            };
            /** @description What is to be approved; told to who may approve it. */
            readonly request?: {
                readonly id: string;
                /** Format: date-time */
                readonly requestedAt: string;
                readonly principal: {
                    readonly id: string;
                    readonly role: string;
                    readonly userId?: string;
                    readonly purpose?: string;
                };
                readonly recipient?: string;
                readonly query: {
                    readonly users: "all" | number;
                    readonly filter: {
                        readonly [key: string]: unknown;
                    };
                    /** @enum {string} */
                    readonly format: "ndjson" | "json" | "csv" | "zip";
                    readonly gzip: boolean;
                };
            };
        };
        /** @description Signed with Ed25519 over the canonical JSON of everything else. */
        readonly ExportManifest: {
            /** @constant */
            readonly format: "memwarden export manifest 1";
            readonly exportId: string;
            readonly storeId: string;
            readonly principal: {
                readonly id: string;
                readonly role: string;
                readonly userId?: string;
                readonly purpose?: string;
            };
            readonly recipient?: string;
            readonly query: {
                readonly users: "all" | number;
                readonly filter: {
                    readonly [key: string]: unknown;
                };
                /** @enum {string} */
                readonly format: "ndjson" | "json" | "csv" | "zip";
                readonly gzip: boolean;
            };
            readonly approval?: {
                readonly id: string;
                readonly approvedBy: {
                    readonly id: string;
                    readonly role: string;
                };
                /** Format: date-time */
                readonly at: string;
            };
            readonly policyRevisions: readonly string[];
            readonly startedAt: readonly string[];
            /** Format: date-time */
            readonly completedAt: string;
            readonly counts: {
                readonly users: number;
                readonly memories: number;
                readonly levels: {
                    readonly [key: string]: number;
                };
            };
            readonly files: readonly {
                readonly name: string;
                readonly bytes: number;
                readonly sha256: string;
            }[];
            readonly signedBy: string;
            readonly signature: string;
        };
        readonly ExportOrder: {
            readonly users: "all" | readonly string[];
            readonly filter?: components["schemas"]["Selection"];
            /**
             * @description `ndjson` where none is given; `zip` is for one person.
             * @enum {string}
             */
            readonly format?: "ndjson" | "json" | "csv" | "zip";
            readonly gzip?: boolean;
            /** @description Who gets it, where that is not the principal; on record. */
            readonly recipient?: string;
        };
        readonly Found: {
            readonly hits: readonly components["schemas"]["Hit"][];
        };
        /** @description A change; `before` is absent for create, `after` for delete. */
        readonly HistoryEntry: {
            readonly n: number;
            /** @enum {string} */
            readonly event: "create" | "update" | "delete";
            /** Format: date-time */
            readonly at: string;
            readonly before?: components["schemas"]["Memory"];
            readonly after?: components["schemas"]["Memory"];
        };
        /** @description A memory that was found. `withoutMeaning`: why words alone ranked. */
        readonly Hit: {
            readonly memory: components["schemas"]["Memory"];
            readonly score: number;
            readonly matched: readonly string[];
            readonly withoutMeaning?: string;
            readonly explain?: {
                readonly lexical?: number;
                readonly semantic?: number;
                readonly words: readonly ({
                    readonly word: string;
                } & {
                    readonly [key: string]: unknown;
                })[];
                readonly factors?: {
                    readonly [key: string]: unknown;
                };
                readonly spans: readonly (readonly number[])[];
            };
        };
        /** @description Users by the number of their key versions, and keys by what they are wrapped under. */
        readonly KeyStatus: {
            readonly users: number;
            readonly versions: {
                readonly [key: string]: number;
            };
            readonly retiring: number;
            readonly rowsLeft: number;
            readonly ownerHeld: number;
            readonly erasing: number;
            readonly kekId: string;
            readonly wrappedUnder: {
                readonly [key: string]: number;
            };
        };
        readonly Memories: {
            readonly memories: readonly components["schemas"]["Memory"][];
        };
        /** @description A memory. Fields that the policy withholds are absent; where a change lifts it above what its author may read, all but id, userId and level are. */
        readonly Memory: {
            readonly id: string;
            readonly userId: string;
            /** @enum {string} */
            readonly level?: "public" | "private" | "sensitive";
            readonly category?: string;
            readonly agentId?: string;
            readonly appId?: string;
            readonly sessionId?: string;
            /** Format: date-time */
            readonly occurredAt?: string;
            /** Format: date-time */
            readonly createdAt?: string;
            /** Format: date-time */
            readonly updatedAt?: string;
            /** Format: date-time */
            readonly expiresAt?: string;
            readonly version?: number;
            readonly classifiedBy?: string;
            readonly content?: string;
            readonly metadata?: {
                readonly [key: string]: unknown;
            };
            readonly speaker?: string;
        };
        /** @description What to change; null takes an optional field away. */
        readonly MemoryChanges: {
            readonly content?: string;
            /** @enum {string} */
            readonly level?: "public" | "private" | "sensitive";
            readonly category?: string;
            readonly agentId?: string | null;
            readonly appId?: string | null;
            readonly sessionId?: string | null;
            /** Format: date-time */
            readonly occurredAt?: string;
            readonly expiresAt?: string | null;
            readonly ttl?: number;
            readonly metadata?: {
                readonly [key: string]: unknown;
            } | null;
            readonly speaker?: string | null;
        };
        /** @description A page, newest first. A cursor is there where there is more. */
        readonly MemoryPage: {
            readonly memories: readonly components["schemas"]["Memory"][];
            readonly cursor?: string;
        };
        readonly MemoryQuery: {
            readonly category?: string;
            readonly level?: ("public" | "private" | "sensitive") | readonly ("public" | "private" | "sensitive")[];
            readonly agentId?: string;
            readonly appId?: string;
            readonly sessionId?: string;
            /**
             * Format: date-time
             * @description Occurred at or after this moment.
             */
            readonly from?: string;
            /**
             * Format: date-time
             * @description Occurred before this moment.
             */
            readonly to?: string;
            /** @description A substring of the content, whatever its case. */
            readonly keyword?: string;
            readonly limit?: number;
            readonly cursor?: string;
        };
        readonly NewApiKey: {
            /** @description The secret; told once. */
            readonly key?: string;
            readonly credential: components["schemas"]["Credential"];
        };
        readonly NewCredential: {
            readonly name?: string;
            readonly role: string;
            /** @description The users that it may act for: these alone, any, or with an empty list nobody. */
            readonly users: "any" | readonly string[];
            /** @description The purposes that a request may name; none by default. */
            readonly purposes?: "any" | readonly string[];
            readonly attributes?: {
                readonly [key: string]: string | number | boolean;
            };
            /** Format: date-time */
            readonly expiresAt?: string;
        };
        readonly NewMemories: {
            readonly memories: readonly components["schemas"]["NewMemory"][];
        };
        /** @description A new memory. Content is at most 65536 bytes, metadata 16384. */
        readonly NewMemory: {
            readonly content: string;
            /** @enum {string} */
            readonly level?: "public" | "private" | "sensitive";
            readonly category?: string;
            readonly agentId?: string;
            readonly appId?: string;
            readonly sessionId?: string;
            /** Format: date-time */
            readonly occurredAt?: string;
            /**
             * Format: date-time
             * @description Unreadable from this moment on.
             */
            readonly expiresAt?: string;
            /** @description Unreadable after so many milliseconds; instead of expiresAt. */
            readonly ttl?: number;
            readonly metadata?: {
                readonly [key: string]: unknown;
            };
            readonly speaker?: string;
        };
        /** @description The messages of a chat: one memory a message, in order, of one session. */
        readonly NewMessages: {
            readonly messages: readonly components["schemas"]["ChatMessage"][];
            /** @enum {string} */
            readonly level?: "public" | "private" | "sensitive";
            readonly category?: string;
            readonly agentId?: string;
            readonly appId?: string;
            readonly sessionId?: string;
            /** Format: date-time */
            readonly occurredAt?: string;
            /**
             * Format: date-time
             * @description Unreadable from this moment on.
             */
            readonly expiresAt?: string;
            /** @description Unreadable after so many milliseconds; instead of expiresAt. */
            readonly ttl?: number;
            readonly metadata?: {
                readonly [key: string]: unknown;
            };
            readonly speaker?: string;
        };
        readonly PolicyCase: {
            readonly principal: {
                readonly id?: string;
                readonly role: string;
                readonly userId?: string;
                readonly purpose?: string;
                readonly attributes?: {
                    readonly [key: string]: string | number | boolean;
                };
            };
            /**
             * @description `Memory` where none is given.
             * @enum {string}
             */
            readonly subject?: "Memory" | "SharedMemory" | "User" | "Export" | "AuditRecord" | "Policy" | "Key" | "Credential" | "Tenant";
            /** @description The fields of docs/record.md that policies may name; the rest is as in a new memory of `the-user`. */
            readonly record?: {
                readonly id?: string;
                readonly user_id?: string;
                /** @enum {string} */
                readonly sensitivity?: "public" | "private" | "sensitive";
                readonly category?: string;
                readonly agent_id?: string;
                readonly app_id?: string;
                readonly session_id?: string;
                /** Format: date-time */
                readonly occurred_at?: string;
                /** Format: date-time */
                readonly expires_at?: string;
            };
            /**
             * Format: date-time
             * @description Now where none is given.
             */
            readonly at?: string;
            readonly expect?: readonly ("create" | "read" | "update" | "reclassify" | "delete" | "share" | "export" | "explain" | "grant" | "list" | "erase" | "approve" | "audit" | "administer")[];
        };
        readonly PolicyCaseResults: {
            readonly revision: string;
            readonly results: readonly {
                /** @enum {string} */
                readonly action: "create" | "read" | "update" | "reclassify" | "delete" | "share" | "export" | "explain" | "grant" | "list" | "erase" | "approve" | "audit" | "administer";
                readonly allowed: boolean;
                readonly rule?: {
                    readonly id: string;
                    readonly reason: string;
                };
                readonly fields?: readonly ("sensitivity" | "category" | "agent_id" | "app_id" | "session_id" | "occurred_at" | "created_at" | "updated_at" | "expires_at" | "version" | "classified_by" | "content" | "metadata" | "speaker" | "vector")[];
            }[];
            readonly passed?: boolean;
        };
        readonly PolicyMatrix: {
            readonly revision: string;
            /** Format: date-time */
            readonly at: string;
            readonly timed: boolean;
            readonly complete: boolean;
            readonly roles: readonly {
                readonly role: string;
                readonly facts: string;
                readonly description?: string;
                /** @enum {string} */
                readonly defaultLevel: "public" | "private" | "sensitive";
                /** @enum {string} */
                readonly maximumLevel: "public" | "private" | "sensitive";
                readonly cells: readonly {
                    /** @enum {string} */
                    readonly subject: "Memory" | "SharedMemory" | "User" | "Export" | "AuditRecord" | "Policy" | "Key" | "Credential" | "Tenant";
                    /** @enum {string} */
                    readonly action: "create" | "read" | "update" | "reclassify" | "delete" | "share" | "export" | "explain" | "grant" | "list" | "erase" | "approve" | "audit" | "administer";
                    /** @enum {string} */
                    readonly level?: "public" | "private" | "sensitive";
                    /** @enum {string} */
                    readonly place?: "own" | "foreign" | "expired";
                    /** @enum {string} */
                    readonly answer: "yes" | "some" | "no";
                    readonly fields?: readonly string[];
                    readonly depends?: readonly string[];
                }[];
            }[];
        };
        /** @description An error (RFC 9457). Codes are stable; docs/errors.md says what each means. */
        readonly Problem: {
            /** @description `urn:memwarden:error:` and the code. */
            readonly type: string;
            /** @description What happened. */
            readonly title: string;
            readonly status: number;
            readonly code: string;
            /** @description What to do about it. */
            readonly detail: string;
            /** @description Names and limits, never values. */
            readonly about?: {
                readonly [key: string]: string | number | boolean;
            };
        } & {
            readonly [key: string]: unknown;
        };
        /** @description A JWKS (RFC 7517). */
        readonly PublicKeys: {
            readonly keys: readonly {
                /** @constant */
                readonly kty: "OKP";
                /** @constant */
                readonly crv: "Ed25519";
                readonly kid: string;
                readonly x: string;
                /** @constant */
                readonly use: "sig";
                /** @constant */
                readonly alg: "EdDSA";
            }[];
        };
        /** @description All that is given must hold. Metadata: keys with the values that they must have. */
        readonly SearchFilter: {
            readonly category?: string;
            readonly level?: ("public" | "private" | "sensitive") | readonly ("public" | "private" | "sensitive")[];
            readonly agentId?: string;
            readonly appId?: string;
            readonly sessionId?: string;
            /**
             * Format: date-time
             * @description Occurred at or after this moment.
             */
            readonly from?: string;
            /**
             * Format: date-time
             * @description Occurred before this moment.
             */
            readonly to?: string;
            /** @description A substring of the content, whatever its case. */
            readonly keyword?: string;
            readonly id?: string | readonly string[];
            /** Format: date-time */
            readonly expiresFrom?: string;
            /** Format: date-time */
            readonly expiresTo?: string;
            readonly speaker?: string;
            readonly metadata?: {
                readonly [key: string]: string | number | boolean | null;
            };
        };
        readonly SearchOrder: {
            readonly query: string;
            readonly limit?: number;
            readonly filter?: components["schemas"]["SearchFilter"];
            readonly minScore?: number;
            /**
             * @description By words, by meaning, or both; both where there is an embedder, else by words.
             * @enum {string}
             */
            readonly mode?: "lexical" | "semantic" | "hybrid";
            /** @enum {string} */
            readonly fill?: "none" | "recent";
            readonly explain?: boolean;
        };
        readonly Selection: {
            readonly category?: string;
            readonly level?: ("public" | "private" | "sensitive") | readonly ("public" | "private" | "sensitive")[];
            readonly agentId?: string;
            readonly appId?: string;
            readonly sessionId?: string;
            /**
             * Format: date-time
             * @description Occurred at or after this moment.
             */
            readonly from?: string;
            /**
             * Format: date-time
             * @description Occurred before this moment.
             */
            readonly to?: string;
            /** @description A substring of the content, whatever its case. */
            readonly keyword?: string;
        };
        readonly UserPage: {
            readonly users: readonly {
                readonly userId: string;
                /** Format: date-time */
                readonly createdAt: string;
            }[];
            readonly cursor?: string;
        };
    };
    responses: {
        /** @description invalid_argument, invalid_cursor, invalid_owner, invalid_principal, request_malformed */
        readonly Problem400: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "invalid_argument" | "invalid_cursor" | "invalid_owner" | "invalid_principal" | "request_malformed";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description unauthenticated */
        readonly Problem401: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "unauthenticated";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description forbidden */
        readonly Problem403: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "forbidden";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description request_timeout */
        readonly Problem408: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "request_timeout";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description rate_limited */
        readonly Problem429: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "rate_limited";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description internal, key_refused, store_refused, unauthentic */
        readonly Problem500: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "internal" | "key_refused" | "store_refused" | "unauthentic";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description audit_unavailable, closed, kms_unavailable, policy_unavailable, store_not_primary, store_unavailable */
        readonly Problem503: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "audit_unavailable" | "closed" | "kms_unavailable" | "policy_unavailable" | "store_not_primary" | "store_unavailable";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description audit_timeout, kms_timeout, store_timeout */
        readonly Problem504: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "audit_timeout" | "kms_timeout" | "store_timeout";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description invalid_argument, invalid_owner, invalid_principal, request_malformed */
        readonly "Problem400-2": {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "invalid_argument" | "invalid_owner" | "invalid_principal" | "request_malformed";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description forbidden, owner_key_required */
        readonly "Problem403-2": {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "forbidden" | "owner_key_required";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description erasing, idempotency_in_progress, store_duplicate */
        readonly Problem409: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "erasing" | "idempotency_in_progress" | "store_duplicate";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description batch_too_large, body_too_large, content_too_large, metadata_too_large */
        readonly Problem413: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "batch_too_large" | "body_too_large" | "content_too_large" | "metadata_too_large";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description unsupported_media_type */
        readonly Problem415: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "unsupported_media_type";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description idempotency_mismatch */
        readonly Problem422: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "idempotency_mismatch";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description embedder_refused, internal, key_refused, store_refused, unauthentic */
        readonly "Problem500-2": {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "embedder_refused" | "internal" | "key_refused" | "store_refused" | "unauthentic";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description audit_unavailable, classifier_failed, closed, embedder_busy, embedder_unavailable, epoch_over, kms_unavailable, policy_unavailable, store_not_primary, store_unavailable */
        readonly "Problem503-2": {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "audit_unavailable" | "classifier_failed" | "closed" | "embedder_busy" | "embedder_unavailable" | "epoch_over" | "kms_unavailable" | "policy_unavailable" | "store_not_primary" | "store_unavailable";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description audit_timeout, embedder_timeout, kms_timeout, store_timeout */
        readonly "Problem504-2": {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "audit_timeout" | "embedder_timeout" | "kms_timeout" | "store_timeout";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description empty_filter, invalid_argument, invalid_owner, invalid_principal, request_malformed */
        readonly "Problem400-3": {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "empty_filter" | "invalid_argument" | "invalid_owner" | "invalid_principal" | "request_malformed";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description conflict, erasing, idempotency_in_progress */
        readonly "Problem409-2": {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "conflict" | "erasing" | "idempotency_in_progress";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description audit_unavailable, closed, epoch_over, kms_unavailable, policy_unavailable, store_not_primary, store_unavailable */
        readonly "Problem503-3": {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "audit_unavailable" | "closed" | "epoch_over" | "kms_unavailable" | "policy_unavailable" | "store_not_primary" | "store_unavailable";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description body_too_large */
        readonly "Problem413-2": {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "body_too_large";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description embedder_missing, invalid_argument, invalid_owner, invalid_principal, request_malformed */
        readonly "Problem400-4": {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "embedder_missing" | "invalid_argument" | "invalid_owner" | "invalid_principal" | "request_malformed";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description audit_unavailable, closed, embedder_busy, embedder_unavailable, kms_unavailable, policy_unavailable, store_not_primary, store_unavailable */
        readonly "Problem503-4": {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "audit_unavailable" | "closed" | "embedder_busy" | "embedder_unavailable" | "kms_unavailable" | "policy_unavailable" | "store_not_primary" | "store_unavailable";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description not_found */
        readonly Problem404: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "not_found";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description conflict, erasing, idempotency_in_progress, store_duplicate */
        readonly "Problem409-3": {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "conflict" | "erasing" | "idempotency_in_progress" | "store_duplicate";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description precondition_failed */
        readonly Problem412: {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "precondition_failed";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description body_too_large, content_too_large, metadata_too_large */
        readonly "Problem413-3": {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "body_too_large" | "content_too_large" | "metadata_too_large";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description audit_unavailable, closed, export_unsettled, kms_unavailable, policy_unavailable, store_not_primary, store_unavailable */
        readonly "Problem503-5": {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "audit_unavailable" | "closed" | "export_unsettled" | "kms_unavailable" | "policy_unavailable" | "store_not_primary" | "store_unavailable";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description job_not_found */
        readonly "Problem404-2": {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "job_not_found";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description forbidden, own_approval */
        readonly "Problem403-3": {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "forbidden" | "own_approval";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description export_not_ready */
        readonly "Problem409-4": {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "export_not_ready";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description export_not_ready, export_stale */
        readonly "Problem409-5": {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "export_not_ready" | "export_stale";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description idempotency_in_progress */
        readonly "Problem409-6": {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "idempotency_in_progress";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
        /** @description credential_not_found */
        readonly "Problem404-3": {
            headers: {
                readonly [name: string]: unknown;
            };
            content: {
                readonly "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    readonly code: "credential_not_found";
                } & {
                    readonly [key: string]: unknown;
                });
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly listMemories: {
        readonly parameters: {
            readonly query?: {
                readonly category?: string;
                readonly level?: ("public" | "private" | "sensitive") | readonly ("public" | "private" | "sensitive")[];
                readonly agentId?: string;
                readonly appId?: string;
                readonly sessionId?: string;
                /** @description Occurred at or after this moment. */
                readonly from?: string;
                /** @description Occurred before this moment. */
                readonly to?: string;
                /** @description A substring of the content, whatever its case. */
                readonly keyword?: string;
                readonly limit?: number;
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description The user whose memories they are. */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page, newest first; or all of it as NDJSON, a memory a line. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["MemoryPage"];
                    readonly "application/x-ndjson": components["schemas"]["MemoryPage"];
                };
            };
            readonly 400: components["responses"]["Problem400"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 408: components["responses"]["Problem408"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly addMemory: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description A key that is new for each new request, 1 to 256 characters. The same request with the same key is carried out once within 24 hours. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                /** @description The user whose memories they are. */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["NewMemory"] | components["schemas"]["NewMessages"];
            };
        };
        readonly responses: {
            /** @description What was added. */
            readonly 201: {
                headers: {
                    /** @description Where the memory is. */
                    readonly Location?: string;
                    /** @description Its version. */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Memory"] | components["schemas"]["Memories"];
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403-2"];
            readonly 408: components["responses"]["Problem408"];
            readonly 409: components["responses"]["Problem409"];
            readonly 413: components["responses"]["Problem413"];
            readonly 415: components["responses"]["Problem415"];
            readonly 422: components["responses"]["Problem422"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500-2"];
            readonly 503: components["responses"]["Problem503-2"];
            readonly 504: components["responses"]["Problem504-2"];
        };
    };
    readonly deleteMemories: {
        readonly parameters: {
            readonly query?: {
                readonly category?: string;
                readonly level?: ("public" | "private" | "sensitive") | readonly ("public" | "private" | "sensitive")[];
                readonly agentId?: string;
                readonly appId?: string;
                readonly sessionId?: string;
                /** @description Occurred at or after this moment. */
                readonly from?: string;
                /** @description Occurred before this moment. */
                readonly to?: string;
                /** @description A substring of the content, whatever its case. */
                readonly keyword?: string;
                /** @description Deletes everything; nothing else may be said then. */
                readonly all?: "true";
            };
            readonly header?: {
                /** @description A key that is new for each new request, 1 to 256 characters. The same request with the same key is carried out once within 24 hours. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                /** @description The user whose memories they are. */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description How many. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly deleted: number;
                    };
                };
            };
            readonly 400: components["responses"]["Problem400-3"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403-2"];
            readonly 408: components["responses"]["Problem408"];
            readonly 409: components["responses"]["Problem409-2"];
            readonly 422: components["responses"]["Problem422"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503-3"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly queryMemories: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The user whose memories they are. */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["MemoryQuery"];
            };
        };
        readonly responses: {
            /** @description A page, newest first; or all of it as NDJSON, a memory a line. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["MemoryPage"];
                    readonly "application/x-ndjson": components["schemas"]["MemoryPage"];
                };
            };
            readonly 400: components["responses"]["Problem400"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 408: components["responses"]["Problem408"];
            readonly 413: components["responses"]["Problem413-2"];
            readonly 415: components["responses"]["Problem415"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly countMemories: {
        readonly parameters: {
            readonly query?: {
                readonly category?: string;
                readonly level?: ("public" | "private" | "sensitive") | readonly ("public" | "private" | "sensitive")[];
                readonly agentId?: string;
                readonly appId?: string;
                readonly sessionId?: string;
                /** @description Occurred at or after this moment. */
                readonly from?: string;
                /** @description Occurred before this moment. */
                readonly to?: string;
                /** @description A substring of the content, whatever its case. */
                readonly keyword?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description The user whose memories they are. */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description How many. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly count: number;
                    };
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 408: components["responses"]["Problem408"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly addMemories: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description A key that is new for each new request, 1 to 256 characters. The same request with the same key is carried out once within 24 hours. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                /** @description The user whose memories they are. */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["NewMemories"];
            };
        };
        readonly responses: {
            /** @description What was added, in the order of the request. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Memories"];
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403-2"];
            readonly 408: components["responses"]["Problem408"];
            readonly 409: components["responses"]["Problem409"];
            readonly 413: components["responses"]["Problem413"];
            readonly 415: components["responses"]["Problem415"];
            readonly 422: components["responses"]["Problem422"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500-2"];
            readonly 503: components["responses"]["Problem503-2"];
            readonly 504: components["responses"]["Problem504-2"];
        };
    };
    readonly searchMemories: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The user whose memories they are. */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["SearchOrder"];
            };
        };
        readonly responses: {
            /** @description The hits, the best first. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Found"];
                };
            };
            readonly 400: components["responses"]["Problem400-4"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403-2"];
            readonly 408: components["responses"]["Problem408"];
            readonly 413: components["responses"]["Problem413-2"];
            readonly 415: components["responses"]["Problem415"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500-2"];
            readonly 503: components["responses"]["Problem503-4"];
            readonly 504: components["responses"]["Problem504-2"];
        };
    };
    readonly makeContext: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The user whose memories they are. */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ContextOrder"];
            };
        };
        readonly responses: {
            /** @description The text, and the memories that it tells. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Context"];
                };
            };
            readonly 400: components["responses"]["Problem400-4"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403-2"];
            readonly 408: components["responses"]["Problem408"];
            readonly 413: components["responses"]["Problem413-2"];
            readonly 415: components["responses"]["Problem415"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500-2"];
            readonly 503: components["responses"]["Problem503-4"];
            readonly 504: components["responses"]["Problem504-2"];
        };
    };
    readonly explain: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The user whose memories they are. */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ExplainOrder"];
            };
        };
        readonly responses: {
            /** @description The decision. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Explanation"];
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 404: components["responses"]["Problem404"];
            readonly 408: components["responses"]["Problem408"];
            readonly 413: components["responses"]["Problem413-2"];
            readonly 415: components["responses"]["Problem415"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly getMemory: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The user whose memories they are. */
                readonly user: string;
                /** @description The id of the memory. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The memory. */
            readonly 200: {
                headers: {
                    /** @description The version of the memory, where the policy lets the caller see it. */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Memory"];
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 404: components["responses"]["Problem404"];
            readonly 408: components["responses"]["Problem408"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly deleteMemory: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The ETag of the version that the change is meant for, or *. */
                readonly "If-Match"?: string;
                /** @description A key that is new for each new request, 1 to 256 characters. The same request with the same key is carried out once within 24 hours. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                /** @description The user whose memories they are. */
                readonly user: string;
                /** @description The id of the memory. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is deleted. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content?: never;
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403-2"];
            readonly 404: components["responses"]["Problem404"];
            readonly 408: components["responses"]["Problem408"];
            readonly 409: components["responses"]["Problem409-2"];
            readonly 412: components["responses"]["Problem412"];
            readonly 422: components["responses"]["Problem422"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503-3"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly updateMemory: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description The ETag of the version that the change is meant for, or *. */
                readonly "If-Match"?: string;
                /** @description A key that is new for each new request, 1 to 256 characters. The same request with the same key is carried out once within 24 hours. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path: {
                /** @description The user whose memories they are. */
                readonly user: string;
                /** @description The id of the memory. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["MemoryChanges"];
            };
        };
        readonly responses: {
            /** @description The memory as it is now. */
            readonly 200: {
                headers: {
                    /** @description The version of the memory, where the policy lets the caller see it. */
                    readonly ETag?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Memory"];
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403-2"];
            readonly 404: components["responses"]["Problem404"];
            readonly 408: components["responses"]["Problem408"];
            readonly 409: components["responses"]["Problem409-3"];
            readonly 412: components["responses"]["Problem412"];
            readonly 413: components["responses"]["Problem413-3"];
            readonly 415: components["responses"]["Problem415"];
            readonly 422: components["responses"]["Problem422"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500-2"];
            readonly 503: components["responses"]["Problem503-2"];
            readonly 504: components["responses"]["Problem504-2"];
        };
    };
    readonly getMemoryHistory: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The user whose memories they are. */
                readonly user: string;
                /** @description The id of the memory. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The changes. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly history: readonly components["schemas"]["HistoryEntry"][];
                    };
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 404: components["responses"]["Problem404"];
            readonly 408: components["responses"]["Problem408"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly listUsers: {
        readonly parameters: {
            readonly query?: {
                readonly limit?: number;
                readonly cursor?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The users. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["UserPage"];
                };
            };
            readonly 400: components["responses"]["Problem400"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 408: components["responses"]["Problem408"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly startExport: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["ExportOrder"];
            };
        };
        readonly responses: {
            /** @description The job. */
            readonly 202: {
                headers: {
                    /** @description Where the job is looked up. */
                    readonly Location?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ExportJob"];
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 408: components["responses"]["Problem408"];
            readonly 413: components["responses"]["Problem413-2"];
            readonly 415: components["responses"]["Problem415"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503-5"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly getExport: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The id of the job. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The job. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ExportJob"];
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 404: components["responses"]["Problem404-2"];
            readonly 408: components["responses"]["Problem408"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly approveExport: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The id of the job. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The job. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ExportJob"];
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403-3"];
            readonly 404: components["responses"]["Problem404-2"];
            readonly 408: components["responses"]["Problem408"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly getExportManifest: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The id of the job. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The manifest. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ExportManifest"];
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 404: components["responses"]["Problem404-2"];
            readonly 408: components["responses"]["Problem408"];
            readonly 409: components["responses"]["Problem409-4"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly getExportFile: {
        readonly parameters: {
            readonly query?: {
                /** @description The memories, or the file of users: counts, levels and time of each. */
                readonly part?: "memories" | "users";
            };
            readonly header?: never;
            readonly path: {
                /** @description The id of the job. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The file. */
            readonly 200: {
                headers: {
                    /** @description The name of the file. */
                    readonly "Content-Disposition"?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/x-ndjson": string;
                    readonly "application/json": string;
                    readonly "text/csv": string;
                    readonly "application/zip": string;
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403-2"];
            readonly 404: components["responses"]["Problem404-2"];
            readonly 408: components["responses"]["Problem408"];
            readonly 409: components["responses"]["Problem409-5"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly eraseUser: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The user whose memories they are. */
                readonly user: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The job. */
            readonly 202: {
                headers: {
                    /** @description Where the job is looked up. */
                    readonly Location?: string;
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ErasureJob"];
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 408: components["responses"]["Problem408"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly getErasure: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                /** @description The id of the job. */
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The job. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["ErasureJob"];
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 404: components["responses"]["Problem404-2"];
            readonly 408: components["responses"]["Problem408"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly queryAudit: {
        readonly parameters: {
            readonly query?: {
                /** @description As owner or as principal. */
                readonly user?: string;
                readonly principal?: string;
                readonly since?: string;
                readonly until?: string;
                readonly outcome?: "allowed" | "denied" | "absent" | "conflict" | "failed" | "unknown";
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The records. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly records: readonly components["schemas"]["AuditRecord"][];
                    };
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 408: components["responses"]["Problem408"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly reportDisclosures: {
        readonly parameters: {
            readonly query: {
                readonly user: string;
                readonly since?: string;
                readonly until?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The disclosures, oldest first. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["DisclosureReport"];
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 408: components["responses"]["Problem408"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly policyRevision: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description SHA-256 of the policies, and whether their last reload did well. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly revision: string;
                        readonly current: boolean;
                    };
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 408: components["responses"]["Problem408"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly policyMatrix: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The matrix. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PolicyMatrix"];
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 408: components["responses"]["Problem408"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly testPolicy: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PolicyCase"];
            };
        };
        readonly responses: {
            /** @description What each action is answered. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PolicyCaseResults"];
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 408: components["responses"]["Problem408"];
            readonly 413: components["responses"]["Problem413-2"];
            readonly 415: components["responses"]["Problem415"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly keyStatus: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The state. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["KeyStatus"];
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 408: components["responses"]["Problem408"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly publicKeys: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The keys. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["PublicKeys"];
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 408: components["responses"]["Problem408"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly listCredentials: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The keys. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly credentials: readonly components["schemas"]["Credential"][];
                    };
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 408: components["responses"]["Problem408"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly createCredential: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: {
                /** @description A key that is new for each new request, 1 to 256 characters. The same request with the same key is carried out once within 24 hours. */
                readonly "Idempotency-Key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["NewCredential"];
            };
        };
        readonly responses: {
            /** @description The key, and what is kept of it. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["NewApiKey"];
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 408: components["responses"]["Problem408"];
            readonly 409: components["responses"]["Problem409-6"];
            readonly 413: components["responses"]["Problem413-2"];
            readonly 415: components["responses"]["Problem415"];
            readonly 422: components["responses"]["Problem422"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
    readonly revokeCredential: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The revoked key. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Credential"];
                };
            };
            readonly 400: components["responses"]["Problem400-2"];
            readonly 401: components["responses"]["Problem401"];
            readonly 403: components["responses"]["Problem403"];
            readonly 404: components["responses"]["Problem404-3"];
            readonly 408: components["responses"]["Problem408"];
            readonly 429: components["responses"]["Problem429"];
            readonly 500: components["responses"]["Problem500"];
            readonly 503: components["responses"]["Problem503"];
            readonly 504: components["responses"]["Problem504"];
        };
    };
}
