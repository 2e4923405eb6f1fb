// Written by `npm run generate` from docs/openapi.json.

export interface paths {
    "/v1/users/{user}/memories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists what the principal may read, newest first.
         * @description With `Accept: application/x-ndjson` everything is streamed, a memory a line, whatever `limit` says (so many are read at once); an error that comes late is the last line, `{"error": ...}`.
         */
        get: operations["listMemories"];
        put?: never;
        /**
         * Adds a memory, or the messages of a chat.
         * @description Of messages all are added or none. What the author may not read back is answered with id, owner and level alone.
         */
        post: operations["addMemory"];
        /** Deletes what a selection names, or with `all=true` everything, of what the principal may read and delete. */
        delete: operations["deleteMemories"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{user}/memories/query": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The same, with the selection in the body, so that it stands in no address. */
        post: operations["queryMemories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{user}/memories/count": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counts what the principal may read. */
        get: operations["countMemories"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{user}/memories/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Adds up to 1,000 memories: all of them or none. */
        post: operations["addMemories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{user}/memories/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The memories that answer a query best.
         * @description Scores are absolute, from 0 to 1, and depend on nothing that the principal may not read.
         */
        post: operations["searchMemories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{user}/context": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The memories for a prompt, as text that marks them as data. */
        post: operations["makeContext"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{user}/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Why an action on a memory is allowed or denied: which rule decided, and why the others did not.
         * @description Of a stored memory by its `id`, or of a `record` that is handed in, with the names of docs/record.md.
         */
        post: operations["explain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{user}/memories/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One memory. */
        get: operations["getMemory"];
        put?: never;
        post?: never;
        /** Deletes a memory. */
        delete: operations["deleteMemory"];
        options?: never;
        head?: never;
        /** Changes a memory. */
        patch: operations["updateMemory"];
        trace?: never;
    };
    "/v1/users/{user}/memories/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The changes of a memory that the principal may see, oldest first; of a deleted one without its content. */
        get: operations["getMemoryHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A page of the spaces that the principal reads, ordered by the bytes of their ids; of all, for who may grant. */
        get: operations["listSpaces"];
        put?: never;
        /** Makes a shared space. */
        post: operations["createSpace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces/{space}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is on the access list of a space, and its rule. */
        get: operations["listSpaceMembers"];
        put?: never;
        /** Lets a member into a space, or changes what it may do. */
        post: operations["grantSpace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces/{space}/members/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes a member from the access list of a space.
         * @description In force at the next request in every process. Who is not on the list is none already.
         */
        post: operations["revokeSpace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces/{space}/erase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Erases a space: its keys, memories, history and list. The certificate is there after about a minute.
         * @description Fetch /v1/audit/space-report first: afterwards nobody can make one.
         */
        post: operations["eraseSpace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces/{space}/memories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists what the principal may read in a space, newest first.
         * @description With `Accept: application/x-ndjson` everything is streamed, a memory a line, whatever `limit` says (so many are read at once); an error that comes late is the last line, `{"error": ...}`.
         */
        get: operations["listSharedMemories"];
        put?: never;
        /** Adds a memory to a space, or the messages of a chat. */
        post: operations["addSharedMemory"];
        /** Deletes what a selection names, or with `all=true` everything, of what the principal may read and delete in a space. */
        delete: operations["deleteSharedMemories"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces/{space}/memories/query": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The same, with the selection in the body, so that it stands in no address. */
        post: operations["querySharedMemories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces/{space}/memories/count": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Counts what the principal may read in a space. */
        get: operations["countSharedMemories"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces/{space}/memories/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The memories of a space that answer a query best. */
        post: operations["searchSharedMemories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces/{space}/memories/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Adds up to 1,000 memories to a space: all of them or none. */
        post: operations["addSharedMemories"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces/{space}/memories/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One memory of a space. */
        get: operations["getSharedMemory"];
        put?: never;
        post?: never;
        /** Deletes a memory of a space. */
        delete: operations["deleteSharedMemory"];
        options?: never;
        head?: never;
        /** Changes a memory of a space. */
        patch: operations["updateSharedMemory"];
        trace?: never;
    };
    "/v1/spaces/{space}/memories/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The changes of a memory of a space that the principal may see, oldest first. */
        get: operations["getSharedMemoryHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/spaces/{space}/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Why an action on a memory of a space is allowed or denied, by the policies and by the list. */
        post: operations["explainShared"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{user}/memories/{id}/share": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Copies a memory of a user into a space. */
        post: operations["shareMemory"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{user}/memories/{id}/shared": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The shared memory that a memory refers to with `metadata.shared`, as the principal may read it now. */
        get: operations["resolveShared"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A page of the users that memories are kept of, ordered by the bytes of their ids. */
        get: operations["listUsers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/exports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Exports what the principal may read and export of some users, or of all.
         * @description The same request begins anew what was interrupted, and begins what was approved; until a job is over it answers with that job. Files wait for a day.
         */
        post: operations["startExport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/exports/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far an export is. Its own credential, and who may approve exports, sees it. */
        get: operations["getExport"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/exports/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Approves another principal's export: the same request then begins it. */
        post: operations["approveExport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/exports/{id}/manifest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The signed manifest of an export that is done. */
        get: operations["getExportManifest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/exports/{id}/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The file of an export that is done, to its own credential alone.
         * @description Everything in it is decided anew before it is handed out; where something was erased, has expired or may no longer be exported, the export has to be run again. Each time is a disclosure on record.
         */
        get: operations["getExportFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{user}/erase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Erases a user: keys, memories, history. The certificate is there after about a minute.
         * @description The same request goes on with an erasure that was interrupted. Fetch /v1/audit/report first: afterwards nobody can make one.
         */
        post: operations["eraseUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/erasures/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How far an erasure is, with the signed certificate when it is done.
         * @description Its own credential sees it, and who may list keys.
         */
        get: operations["getErasure"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/records": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The newest records of a selection, oldest first. */
        get: operations["queryAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Accounting of disclosures: every release of a user's memories. */
        get: operations["reportDisclosures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/space-report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Accounting of disclosures: every release of the memories of a shared space.
         * @description For who may grant, and for who may look at the log; who may not grant is answered of a space whose list does not let it read as of one that is not there.
         */
        get: operations["reportSpaceDisclosures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The revision of the policies in force. */
        get: operations["policyRevision"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policy/matrix": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What each role may do to what, as the policies in force decide it.
         * @description Where rules have time limits it holds for the hour of the request.
         */
        get: operations["policyMatrix"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/policy/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Asks the policies in force about one principal and one record, which are made up.
         * @description With `expect` it says whether exactly these actions are allowed. Nothing stored is looked at.
         */
        post: operations["testPolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The state of the keys of all users, in numbers. */
        get: operations["keyStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/keys/public": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The public keys that certificates, manifests and checkpoints are checked with. */
        get: operations["publicKeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/credentials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All API keys without their secrets, also the revoked and expired ones. */
        get: operations["listCredentials"];
        put?: never;
        /** Makes an API key. It is told this once; a replay answers without it. */
        post: operations["createCredential"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/credentials/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revokes an API key: in force at the next request, in every process. */
        delete: operations["revokeCredential"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description A record of the log: no content, no query, users as pseudonyms; docs/audit.md. */
        AuditRecord: {
            v: number;
            /** @constant */
            kind: "event";
            id: string;
            /** Format: date-time */
            time: string;
            door: string;
            request: string;
            principal: {
                id?: string;
                self?: string;
                role: string;
                user?: string;
            };
            purpose?: string;
            action: string;
            subject: string;
            act?: string;
            /** @enum {string} */
            phase: "read" | "intent" | "result" | "reconciled";
            /** @enum {string} */
            outcome: "allowed" | "denied" | "absent" | "conflict" | "failed" | "unknown";
            owner?: string;
            count: number;
            levels?: {
                [key: string]: number;
            };
            ids?: string;
            rules: string[];
            policy: string;
            hidden?: boolean;
            recipient?: string;
            intent?: string;
        };
        ChatMessage: {
            role: string;
            content: string;
            name?: string;
            /** Format: date-time */
            timestamp?: string;
        };
        Context: {
            text: string;
            memories: components["schemas"]["Memory"][];
            tokens: number;
            withoutMeaning?: string;
        };
        ContextOrder: {
            query: string;
            budgetTokens?: number;
            filter?: components["schemas"]["SearchFilter"];
            /**
             * @description By words, by meaning, or both; both where there is an embedder, else by words.
             * @enum {string}
             */
            mode?: "lexical" | "semantic" | "hybrid";
        };
        Credential: {
            id: string;
            /** @description The part of the key in clear, by which it is looked up. */
            prefix: string;
            name?: string;
            grant: {
                role: string;
                users: "any" | string[];
                purposes: "any" | string[];
                attributes?: {
                    [key: string]: string | number | boolean;
                };
            };
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt?: string;
            /** Format: date-time */
            lastUsedAt?: string;
            /** Format: date-time */
            revokedAt?: string;
        };
        DisclosureReport: {
            userId: string;
            /** Format: date-time */
            since?: string;
            /** Format: date-time */
            until?: string;
            known: boolean;
            disclosures: {
                /** Format: date-time */
                date: string;
                recipient: string;
                askedBy?: string;
                role: string;
                onBehalfOf?: string;
                purpose?: string;
                act: string;
                kinds: {
                    [key: string]: number;
                };
                count: number;
                door: string;
                event: string;
            }[];
        };
        /** @description Names keys, never the user; signed with Ed25519. */
        ErasureCertificate: {
            /** @constant */
            format: "memwarden erasure certificate 1";
            erasureId: string;
            storeId: string;
            requestedBy: {
                id: string;
                role: string;
                purpose?: string;
            };
            /** Format: date-time */
            requestedAt: string;
            /** Format: date-time */
            keysDestroyedAt: string;
            /** Format: date-time */
            completedAt: string;
            /**
             * Format: date-time
             * @description From this moment on no copy that the product knows of can be opened.
             */
            finalAt: string;
            policyRevision: string;
            keyIds: string[];
            deleted: {
                memories: number;
                states: number;
            };
            /** @description The shared spaces that the user was taken from, by their pseudonyms in the log. */
            shared?: {
                space: string;
                /** @enum {string} */
                rule: "remove" | "keep";
                removed: number;
            }[];
            tombstone: number;
            remains: {
                where: string;
                what: string;
                until: string;
            }[];
            beyond: string[];
            signedBy: string;
            signature: string;
        };
        ErasureJob: {
            id: string;
            /** @enum {string} */
            state: "waiting" | "ready" | "running" | "interrupted" | "done" | "failed";
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            endedAt?: string;
            error?: string;
            certificate?: components["schemas"]["ErasureCertificate"];
        };
        /** @description Either `id` or `record`. */
        ExplainOrder: {
            id?: string;
            record?: {
                [key: string]: unknown;
            };
            /**
             * @description `read` where none is given.
             * @enum {string}
             */
            action?: "create" | "read" | "update" | "reclassify" | "delete" | "share" | "export" | "explain";
        };
        Explanation: {
            allowed: boolean;
            /** @enum {string} */
            action: "create" | "read" | "update" | "reclassify" | "delete" | "share" | "export" | "explain";
            rule?: {
                id: string;
                reason: string;
            };
            /** @enum {string} */
            refusedBy?: "partition" | "well_formed" | "expired" | "access_list";
            considered: {
                id: string;
                reason: string;
                inverted: boolean;
                /** @enum {string} */
                outcome: "decides" | "matches" | "other_action" | "time" | "principal" | "conditions" | "withheld";
                because?: string[];
                conditions?: string[];
                /** @enum {string} */
                fact?: "missing" | "other";
            }[];
            policyRevision: string;
        };
        ExportJob: {
            id: string;
            /**
             * @description `waiting`: for an approval; `ready` and `interrupted`: the same request runs it.
             * @enum {string}
             */
            state: "waiting" | "ready" | "running" | "interrupted" | "done" | "failed";
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            endedAt?: string;
            progress?: {
                [key: string]: number;
            };
            /** @description The code of the error that it ended in. */
            error?: string;
            counts?: {
                users: number;
                memories: number;
                levels: {
                    [key: string]: number;
                };
                spaces?: {
                    space: string;
                    memories: number;
                    levels: {
                        [key: string]: number;
                    };
                }[];
                /** @description Lines of the file of users that say that what was written in a space is withheld. */
                withheld?: number;
            };
            /** @description What is to be approved; told to who may approve it. */
            request?: {
                id: string;
                /** Format: date-time */
                requestedAt: string;
                principal: {
                    id: string;
                    role: string;
                    userId?: string;
                    purpose?: string;
                };
                recipient?: string;
                query: {
                    users: "all" | number;
                    spaces?: "all" | number;
                    filter: {
                        [key: string]: unknown;
                    };
                    /** @enum {string} */
                    format: "ndjson" | "json" | "csv" | "zip";
                    gzip: boolean;
                };
            };
        };
        /** @description Signed with Ed25519 over the canonical JSON of everything else. */
        ExportManifest: {
            /** @constant */
            format: "memwarden export manifest 1";
            exportId: string;
            storeId: string;
            principal: {
                id: string;
                role: string;
                userId?: string;
                purpose?: string;
            };
            recipient?: string;
            query: {
                users: "all" | number;
                spaces?: "all" | number;
                filter: {
                    [key: string]: unknown;
                };
                /** @enum {string} */
                format: "ndjson" | "json" | "csv" | "zip";
                gzip: boolean;
            };
            approval?: {
                id: string;
                approvedBy: {
                    id: string;
                    role: string;
                };
                /** Format: date-time */
                at: string;
            };
            policyRevisions: string[];
            startedAt: string[];
            /** Format: date-time */
            completedAt: string;
            counts: {
                users: number;
                memories: number;
                levels: {
                    [key: string]: number;
                };
                spaces?: {
                    space: string;
                    memories: number;
                    levels: {
                        [key: string]: number;
                    };
                }[];
                /** @description Lines of the file of users that say that what was written in a space is withheld. */
                withheld?: number;
            };
            files: {
                name: string;
                bytes: number;
                sha256: string;
            }[];
            signedBy: string;
            signature: string;
        };
        ExportOrder: {
            /** @description With users who are named comes what they wrote in spaces. */
            users?: "all" | string[];
            /** @description Shared spaces, `all` that the principal reads; users or spaces are to be named. */
            spaces?: "all" | string[];
            filter?: components["schemas"]["Selection"];
            /**
             * @description `ndjson` where none is given; `zip` is for one person.
             * @enum {string}
             */
            format?: "ndjson" | "json" | "csv" | "zip";
            gzip?: boolean;
            /** @description Who gets it, where that is not the principal; on record. */
            recipient?: string;
        };
        Found: {
            hits: components["schemas"]["Hit"][];
        };
        FoundShared: {
            hits: components["schemas"]["SharedHit"][];
        };
        /** @description A change; `before` is absent for create, `after` for delete. */
        HistoryEntry: {
            n: number;
            /** @enum {string} */
            event: "create" | "update" | "delete";
            /** Format: date-time */
            at: string;
            before?: components["schemas"]["Memory"];
            after?: components["schemas"]["Memory"];
        };
        /** @description A memory that was found. `withoutMeaning`: why words alone ranked. */
        Hit: {
            memory: components["schemas"]["Memory"];
            score: number;
            matched: string[];
            withoutMeaning?: string;
            explain?: {
                lexical?: number;
                semantic?: number;
                words: ({
                    word: string;
                } & {
                    [key: string]: unknown;
                })[];
                factors?: {
                    [key: string]: unknown;
                };
                spans: number[][];
            };
        };
        /** @description Users by the number of their key versions, and keys by what they are wrapped under. */
        KeyStatus: {
            users: number;
            versions: {
                [key: string]: number;
            };
            retiring: number;
            rowsLeft: number;
            ownerHeld: number;
            erasing: number;
            kekId: string;
            wrappedUnder: {
                [key: string]: number;
            };
        };
        Memories: {
            memories: components["schemas"]["Memory"][];
        };
        /** @description A memory. Fields that the policy withholds are absent; where a change lifts it above what its author may read, all but id, userId and level are. */
        Memory: {
            id: string;
            userId: string;
            /** @enum {string} */
            level?: "public" | "private" | "sensitive";
            category?: string;
            agentId?: string;
            appId?: string;
            sessionId?: string;
            /** Format: date-time */
            occurredAt?: string;
            /** Format: date-time */
            createdAt?: string;
            /** Format: date-time */
            updatedAt?: string;
            /** Format: date-time */
            expiresAt?: string;
            version?: number;
            classifiedBy?: string;
            content?: string;
            metadata?: {
                [key: string]: unknown;
            };
            speaker?: string;
        };
        /** @description What to change; null takes an optional field away. */
        MemoryChanges: {
            content?: string;
            /** @enum {string} */
            level?: "public" | "private" | "sensitive";
            category?: string;
            agentId?: string | null;
            appId?: string | null;
            sessionId?: string | null;
            /** Format: date-time */
            occurredAt?: string;
            expiresAt?: string | null;
            ttl?: number;
            metadata?: {
                [key: string]: unknown;
            } | null;
            speaker?: string | null;
        };
        /** @description A page, newest first. A cursor is there where there is more. */
        MemoryPage: {
            memories: components["schemas"]["Memory"][];
            cursor?: string;
        };
        MemoryQuery: {
            category?: string;
            level?: ("public" | "private" | "sensitive") | ("public" | "private" | "sensitive")[];
            agentId?: string;
            appId?: string;
            sessionId?: string;
            /**
             * Format: date-time
             * @description Occurred at or after this moment.
             */
            from?: string;
            /**
             * Format: date-time
             * @description Occurred before this moment.
             */
            to?: string;
            /** @description A substring of the content, whatever its case. */
            keyword?: string;
            limit?: number;
            cursor?: string;
        };
        NewApiKey: {
            /** @description The secret; told once. */
            key?: string;
            credential: components["schemas"]["Credential"];
        };
        NewCredential: {
            name?: string;
            role: string;
            /** @description The users that it may act for: these alone, any, or with an empty list nobody. */
            users: "any" | string[];
            /** @description The purposes that a request may name; none by default. */
            purposes?: "any" | string[];
            attributes?: {
                [key: string]: string | number | boolean;
            };
            /** Format: date-time */
            expiresAt?: string;
        };
        NewMemories: {
            memories: components["schemas"]["NewMemory"][];
        };
        /** @description A new memory. Content is at most 65536 bytes, metadata 16384. */
        NewMemory: {
            content: string;
            /** @enum {string} */
            level?: "public" | "private" | "sensitive";
            category?: string;
            agentId?: string;
            appId?: string;
            sessionId?: string;
            /** Format: date-time */
            occurredAt?: string;
            /**
             * Format: date-time
             * @description Unreadable from this moment on.
             */
            expiresAt?: string;
            /** @description Unreadable after so many milliseconds; instead of expiresAt. */
            ttl?: number;
            metadata?: {
                [key: string]: unknown;
            };
            speaker?: string;
        };
        /** @description The messages of a chat: one memory a message, in order, of one session. */
        NewMessages: {
            messages: components["schemas"]["ChatMessage"][];
            /** @enum {string} */
            level?: "public" | "private" | "sensitive";
            category?: string;
            agentId?: string;
            appId?: string;
            sessionId?: string;
            /** Format: date-time */
            occurredAt?: string;
            /**
             * Format: date-time
             * @description Unreadable from this moment on.
             */
            expiresAt?: string;
            /** @description Unreadable after so many milliseconds; instead of expiresAt. */
            ttl?: number;
            metadata?: {
                [key: string]: unknown;
            };
            speaker?: string;
        };
        NewSpace: {
            id: string;
            /**
             * @description What becomes of what a member wrote when the member is erased.
             * @enum {string}
             */
            onErase: "remove" | "keep";
            members?: components["schemas"]["SpaceEntryInput"][];
        };
        PolicyCase: {
            principal: {
                id?: string;
                role: string;
                userId?: string;
                purpose?: string;
                attributes?: {
                    [key: string]: string | number | boolean;
                };
            };
            /**
             * @description `Memory` where none is given.
             * @enum {string}
             */
            subject?: "Memory" | "SharedMemory" | "User" | "Export" | "AuditRecord" | "Policy" | "Key" | "Credential" | "Tenant";
            /** @description The fields of docs/record.md that policies may name; the rest is as in a new memory of `the-user`. */
            record?: {
                id?: string;
                user_id?: string;
                /** @enum {string} */
                sensitivity?: "public" | "private" | "sensitive";
                category?: string;
                agent_id?: string;
                app_id?: string;
                session_id?: string;
                /** Format: date-time */
                occurred_at?: string;
                /** Format: date-time */
                expires_at?: string;
            };
            /**
             * Format: date-time
             * @description Now where none is given.
             */
            at?: string;
            expect?: ("create" | "read" | "update" | "reclassify" | "delete" | "share" | "export" | "explain" | "grant" | "list" | "erase" | "approve" | "audit" | "administer")[];
        };
        PolicyCaseResults: {
            revision: string;
            results: {
                /** @enum {string} */
                action: "create" | "read" | "update" | "reclassify" | "delete" | "share" | "export" | "explain" | "grant" | "list" | "erase" | "approve" | "audit" | "administer";
                allowed: boolean;
                rule?: {
                    id: string;
                    reason: string;
                };
                fields?: ("sensitivity" | "category" | "agent_id" | "app_id" | "session_id" | "occurred_at" | "created_at" | "updated_at" | "expires_at" | "version" | "classified_by" | "author" | "content" | "metadata" | "speaker" | "vector")[];
            }[];
            passed?: boolean;
        };
        PolicyMatrix: {
            revision: string;
            /** Format: date-time */
            at: string;
            timed: boolean;
            complete: boolean;
            roles: {
                role: string;
                facts: string;
                description?: string;
                /** @enum {string} */
                defaultLevel: "public" | "private" | "sensitive";
                /** @enum {string} */
                maximumLevel: "public" | "private" | "sensitive";
                cells: {
                    /** @enum {string} */
                    subject: "Memory" | "SharedMemory" | "User" | "Export" | "AuditRecord" | "Policy" | "Key" | "Credential" | "Tenant";
                    /** @enum {string} */
                    action: "create" | "read" | "update" | "reclassify" | "delete" | "share" | "export" | "explain" | "grant" | "list" | "erase" | "approve" | "audit" | "administer";
                    /** @enum {string} */
                    level?: "public" | "private" | "sensitive";
                    /** @enum {string} */
                    place?: "own" | "foreign" | "expired";
                    /** @enum {string} */
                    answer: "yes" | "some" | "no";
                    fields?: string[];
                    depends?: string[];
                }[];
            }[];
        };
        /** @description An error (RFC 9457). Codes are stable; docs/errors.md says what each means. */
        Problem: {
            /** @description `urn:memwarden:error:` and the code. */
            type: string;
            /** @description What happened. */
            title: string;
            status: number;
            code: string;
            /** @description What to do about it. */
            detail: string;
            /** @description Names and limits, never values. */
            about?: {
                [key: string]: string | number | boolean;
            };
        } & {
            [key: string]: unknown;
        };
        /** @description A JWKS (RFC 7517). */
        PublicKeys: {
            keys: {
                /** @constant */
                kty: "OKP";
                /** @constant */
                crv: "Ed25519";
                kid: string;
                x: string;
                /** @constant */
                use: "sig";
                /** @constant */
                alg: "EdDSA";
            }[];
        };
        /** @description All that is given must hold. Metadata: keys with the values that they must have. */
        SearchFilter: {
            category?: string;
            level?: ("public" | "private" | "sensitive") | ("public" | "private" | "sensitive")[];
            agentId?: string;
            appId?: string;
            sessionId?: string;
            /**
             * Format: date-time
             * @description Occurred at or after this moment.
             */
            from?: string;
            /**
             * Format: date-time
             * @description Occurred before this moment.
             */
            to?: string;
            /** @description A substring of the content, whatever its case. */
            keyword?: string;
            id?: string | string[];
            /** Format: date-time */
            expiresFrom?: string;
            /** Format: date-time */
            expiresTo?: string;
            speaker?: string;
            metadata?: {
                [key: string]: string | number | boolean | null;
            };
        };
        SearchOrder: {
            query: string;
            limit?: number;
            filter?: components["schemas"]["SearchFilter"];
            minScore?: number;
            /**
             * @description By words, by meaning, or both; both where there is an embedder, else by words.
             * @enum {string}
             */
            mode?: "lexical" | "semantic" | "hybrid";
            /** @enum {string} */
            fill?: "none" | "recent";
            explain?: boolean;
        };
        Selection: {
            category?: string;
            level?: ("public" | "private" | "sensitive") | ("public" | "private" | "sensitive")[];
            agentId?: string;
            appId?: string;
            sessionId?: string;
            /**
             * Format: date-time
             * @description Occurred at or after this moment.
             */
            from?: string;
            /**
             * Format: date-time
             * @description Occurred before this moment.
             */
            to?: string;
            /** @description A substring of the content, whatever its case. */
            keyword?: string;
        };
        Share: {
            space: string;
        };
        SharedHistoryEntry: {
            n: number;
            /** @enum {string} */
            event: "create" | "update" | "delete";
            /** Format: date-time */
            at: string;
            before?: components["schemas"]["SharedMemory"];
            after?: components["schemas"]["SharedMemory"];
        };
        SharedHit: {
            memory: components["schemas"]["SharedMemory"];
            score: number;
            matched: string[];
            withoutMeaning?: string;
            explain?: {
                lexical?: number;
                semantic?: number;
                words: ({
                    word: string;
                } & {
                    [key: string]: unknown;
                })[];
                factors?: {
                    [key: string]: unknown;
                };
                spans: number[][];
            };
        };
        SharedMemories: {
            memories: components["schemas"]["SharedMemory"][];
        };
        /** @description A memory of a shared space; it names no user. */
        SharedMemory: {
            id: string;
            /** @enum {string} */
            level?: "public" | "private" | "sensitive";
            category?: string;
            agentId?: string;
            appId?: string;
            sessionId?: string;
            /** Format: date-time */
            occurredAt?: string;
            /** Format: date-time */
            createdAt?: string;
            /** Format: date-time */
            updatedAt?: string;
            /** Format: date-time */
            expiresAt?: string;
            version?: number;
            classifiedBy?: string;
            content?: string;
            metadata?: {
                [key: string]: unknown;
            };
            speaker?: string;
            space: string;
        };
        SharedMemoryPage: {
            memories: components["schemas"]["SharedMemory"][];
            cursor?: string;
        };
        SpaceDisclosureReport: {
            space: string;
            /** Format: date-time */
            since?: string;
            /** Format: date-time */
            until?: string;
            known: boolean;
            disclosures: {
                /** Format: date-time */
                date: string;
                recipient: string;
                askedBy?: string;
                role: string;
                onBehalfOf?: string;
                purpose?: string;
                act: string;
                kinds: {
                    [key: string]: number;
                };
                count: number;
                door: string;
                event: string;
            }[];
        };
        /** @description A member with what it may do; write includes read. */
        SpaceEntry: {
            user: string;
            /** @enum {string} */
            access: "read" | "write";
        } | {
            attribute: string;
            value: string | number | boolean;
            /** @enum {string} */
            access: "read" | "write";
        };
        /** @description A member with what it may do; write includes read. */
        SpaceEntryInput: {
            user: string;
            /** @enum {string} */
            access: "read" | "write";
        } | {
            attribute: string;
            value: string | number | boolean;
            /** @enum {string} */
            access: "read" | "write";
        };
        SpaceGrant: {
            member: components["schemas"]["SpaceMember"];
            /** @enum {string} */
            access: "read" | "write";
        };
        /** @description A user, or everybody with a value of an attribute. */
        SpaceMember: {
            user: string;
        } | {
            attribute: string;
            value: string | number | boolean;
        };
        SpaceMembers: {
            members: components["schemas"]["SpaceEntry"][];
            /**
             * @description What becomes of what a member wrote when the member is erased.
             * @enum {string}
             */
            onErase: "remove" | "keep";
        };
        /** @description Without `access` who may change the list is no member. */
        SpacePage: {
            spaces: {
                id: string;
                /** @enum {string} */
                access?: "read" | "write";
            }[];
            cursor?: string;
        };
        SpaceRevocation: {
            member: components["schemas"]["SpaceMember"];
        };
        UserPage: {
            users: {
                userId: string;
                /** Format: date-time */
                createdAt: string;
            }[];
            cursor?: string;
        };
    };
    responses: {
        /** @description invalid_argument, invalid_cursor, invalid_owner, invalid_principal, request_malformed */
        Problem400: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "invalid_argument" | "invalid_cursor" | "invalid_owner" | "invalid_principal" | "request_malformed";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description unauthenticated */
        Problem401: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "unauthenticated";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description forbidden, tenant_required */
        Problem403: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "forbidden" | "tenant_required";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description request_timeout */
        Problem408: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "request_timeout";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description rate_limited */
        Problem429: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "rate_limited";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description internal, key_refused, store_refused, unauthentic */
        Problem500: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "internal" | "key_refused" | "store_refused" | "unauthentic";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description audit_unavailable, closed, kms_unavailable, policy_unavailable, store_not_primary, store_unavailable, tenants_busy */
        Problem503: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "audit_unavailable" | "closed" | "kms_unavailable" | "policy_unavailable" | "store_not_primary" | "store_unavailable" | "tenants_busy";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description audit_timeout, kms_timeout, store_timeout */
        Problem504: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "audit_timeout" | "kms_timeout" | "store_timeout";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description store_unwritable */
        Problem507: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "store_unwritable";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description invalid_argument, invalid_owner, invalid_principal, request_malformed */
        "Problem400-2": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "invalid_argument" | "invalid_owner" | "invalid_principal" | "request_malformed";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description forbidden, owner_key_required, tenant_required */
        "Problem403-2": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "forbidden" | "owner_key_required" | "tenant_required";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description erasing, idempotency_in_progress, store_duplicate */
        Problem409: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "erasing" | "idempotency_in_progress" | "store_duplicate";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description batch_too_large, body_too_large, content_too_large, metadata_too_large */
        Problem413: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "batch_too_large" | "body_too_large" | "content_too_large" | "metadata_too_large";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description unsupported_media_type */
        Problem415: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "unsupported_media_type";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description idempotency_mismatch */
        Problem422: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "idempotency_mismatch";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description embedder_refused, internal, key_refused, store_refused, unauthentic */
        "Problem500-2": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "embedder_refused" | "internal" | "key_refused" | "store_refused" | "unauthentic";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description audit_unavailable, classifier_failed, closed, embedder_busy, embedder_unavailable, epoch_over, kms_unavailable, policy_unavailable, store_not_primary, store_unavailable, tenants_busy */
        "Problem503-2": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "audit_unavailable" | "classifier_failed" | "closed" | "embedder_busy" | "embedder_unavailable" | "epoch_over" | "kms_unavailable" | "policy_unavailable" | "store_not_primary" | "store_unavailable" | "tenants_busy";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description audit_timeout, embedder_timeout, kms_timeout, store_timeout */
        "Problem504-2": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "audit_timeout" | "embedder_timeout" | "kms_timeout" | "store_timeout";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description empty_filter, invalid_argument, invalid_owner, invalid_principal, request_malformed */
        "Problem400-3": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "empty_filter" | "invalid_argument" | "invalid_owner" | "invalid_principal" | "request_malformed";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description conflict, erasing, idempotency_in_progress */
        "Problem409-2": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "conflict" | "erasing" | "idempotency_in_progress";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description audit_unavailable, closed, epoch_over, kms_unavailable, policy_unavailable, store_not_primary, store_unavailable, tenants_busy */
        "Problem503-3": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "audit_unavailable" | "closed" | "epoch_over" | "kms_unavailable" | "policy_unavailable" | "store_not_primary" | "store_unavailable" | "tenants_busy";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description body_too_large */
        "Problem413-2": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "body_too_large";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description embedder_missing, invalid_argument, invalid_owner, invalid_principal, request_malformed */
        "Problem400-4": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "embedder_missing" | "invalid_argument" | "invalid_owner" | "invalid_principal" | "request_malformed";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description audit_unavailable, closed, embedder_busy, embedder_unavailable, kms_unavailable, policy_unavailable, store_not_primary, store_unavailable, tenants_busy */
        "Problem503-4": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "audit_unavailable" | "closed" | "embedder_busy" | "embedder_unavailable" | "kms_unavailable" | "policy_unavailable" | "store_not_primary" | "store_unavailable" | "tenants_busy";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description not_found */
        Problem404: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "not_found";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description conflict, erasing, idempotency_in_progress, store_duplicate */
        "Problem409-3": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "conflict" | "erasing" | "idempotency_in_progress" | "store_duplicate";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description precondition_failed */
        Problem412: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "precondition_failed";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description body_too_large, content_too_large, metadata_too_large */
        "Problem413-3": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "body_too_large" | "content_too_large" | "metadata_too_large";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description erasing, space_exists */
        "Problem409-4": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "erasing" | "space_exists";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description conflict, erasing */
        "Problem409-5": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "conflict" | "erasing";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description audit_unavailable, closed, export_unsettled, kms_unavailable, policy_unavailable, store_not_primary, store_unavailable, tenants_busy */
        "Problem503-5": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "audit_unavailable" | "closed" | "export_unsettled" | "kms_unavailable" | "policy_unavailable" | "store_not_primary" | "store_unavailable" | "tenants_busy";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description job_not_found */
        "Problem404-2": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "job_not_found";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description forbidden, own_approval, tenant_required */
        "Problem403-3": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "forbidden" | "own_approval" | "tenant_required";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description export_not_ready */
        "Problem409-6": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "export_not_ready";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description export_not_ready, export_stale */
        "Problem409-7": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "export_not_ready" | "export_stale";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description credential_not_found */
        "Problem404-3": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "credential_not_found";
                } & {
                    [key: string]: unknown;
                });
            };
        };
        /** @description idempotency_in_progress */
        "Problem409-8": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & ({
                    /** @enum {string} */
                    code: "idempotency_in_progress";
                } & {
                    [key: string]: unknown;
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
    listMemories: {
        parameters: {
            query?: {
                category?: string;
                level?: ("public" | "private" | "sensitive") | ("public" | "private" | "sensitive")[];
                agentId?: string;
                appId?: string;
                sessionId?: string;
                /** @description Occurred at or after this moment. */
                from?: string;
                /** @description Occurred before this moment. */
                to?: string;
                /** @description A substring of the content, whatever its case. */
                keyword?: string;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The user whose memories they are. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, newest first; or all of it as NDJSON, a memory a line. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemoryPage"];
                    "application/x-ndjson": components["schemas"]["MemoryPage"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    addMemory: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key that is new for each new request, 1 to 256 characters. The same request with the same key is carried out once within 24 hours. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The user whose memories they are. */
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMemory"] | components["schemas"]["NewMessages"];
            };
        };
        responses: {
            /** @description What was added. */
            201: {
                headers: {
                    /** @description Where the memory is. */
                    Location?: string;
                    /** @description Its version. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Memory"] | components["schemas"]["Memories"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403-2"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500-2"];
            503: components["responses"]["Problem503-2"];
            504: components["responses"]["Problem504-2"];
            507: components["responses"]["Problem507"];
        };
    };
    deleteMemories: {
        parameters: {
            query?: {
                category?: string;
                level?: ("public" | "private" | "sensitive") | ("public" | "private" | "sensitive")[];
                agentId?: string;
                appId?: string;
                sessionId?: string;
                /** @description Occurred at or after this moment. */
                from?: string;
                /** @description Occurred before this moment. */
                to?: string;
                /** @description A substring of the content, whatever its case. */
                keyword?: string;
                /** @description Deletes everything; nothing else may be said then. */
                all?: "true";
            };
            header?: {
                /** @description A key that is new for each new request, 1 to 256 characters. The same request with the same key is carried out once within 24 hours. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The user whose memories they are. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How many. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        deleted: number;
                    };
                };
            };
            400: components["responses"]["Problem400-3"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403-2"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409-2"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503-3"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    queryMemories: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user whose memories they are. */
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemoryQuery"];
            };
        };
        responses: {
            /** @description A page, newest first; or all of it as NDJSON, a memory a line. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemoryPage"];
                    "application/x-ndjson": components["schemas"]["MemoryPage"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            408: components["responses"]["Problem408"];
            413: components["responses"]["Problem413-2"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    countMemories: {
        parameters: {
            query?: {
                category?: string;
                level?: ("public" | "private" | "sensitive") | ("public" | "private" | "sensitive")[];
                agentId?: string;
                appId?: string;
                sessionId?: string;
                /** @description Occurred at or after this moment. */
                from?: string;
                /** @description Occurred before this moment. */
                to?: string;
                /** @description A substring of the content, whatever its case. */
                keyword?: string;
            };
            header?: never;
            path: {
                /** @description The user whose memories they are. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How many. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        count: number;
                    };
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    addMemories: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key that is new for each new request, 1 to 256 characters. The same request with the same key is carried out once within 24 hours. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The user whose memories they are. */
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMemories"];
            };
        };
        responses: {
            /** @description What was added, in the order of the request. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Memories"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403-2"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500-2"];
            503: components["responses"]["Problem503-2"];
            504: components["responses"]["Problem504-2"];
            507: components["responses"]["Problem507"];
        };
    };
    searchMemories: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user whose memories they are. */
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SearchOrder"];
            };
        };
        responses: {
            /** @description The hits, the best first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Found"];
                };
            };
            400: components["responses"]["Problem400-4"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403-2"];
            408: components["responses"]["Problem408"];
            413: components["responses"]["Problem413-2"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500-2"];
            503: components["responses"]["Problem503-4"];
            504: components["responses"]["Problem504-2"];
            507: components["responses"]["Problem507"];
        };
    };
    makeContext: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user whose memories they are. */
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ContextOrder"];
            };
        };
        responses: {
            /** @description The text, and the memories that it tells. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Context"];
                };
            };
            400: components["responses"]["Problem400-4"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403-2"];
            408: components["responses"]["Problem408"];
            413: components["responses"]["Problem413-2"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500-2"];
            503: components["responses"]["Problem503-4"];
            504: components["responses"]["Problem504-2"];
            507: components["responses"]["Problem507"];
        };
    };
    explain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user whose memories they are. */
                user: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExplainOrder"];
            };
        };
        responses: {
            /** @description The decision. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explanation"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            413: components["responses"]["Problem413-2"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    getMemory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user whose memories they are. */
                user: string;
                /** @description The id of the memory. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The memory. */
            200: {
                headers: {
                    /** @description The version of the memory, where the policy lets the caller see it. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Memory"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    deleteMemory: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of the version that the change is meant for, or *. */
                "If-Match"?: string;
                /** @description A key that is new for each new request, 1 to 256 characters. The same request with the same key is carried out once within 24 hours. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The user whose memories they are. */
                user: string;
                /** @description The id of the memory. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403-2"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409-2"];
            412: components["responses"]["Problem412"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503-3"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    updateMemory: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of the version that the change is meant for, or *. */
                "If-Match"?: string;
                /** @description A key that is new for each new request, 1 to 256 characters. The same request with the same key is carried out once within 24 hours. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The user whose memories they are. */
                user: string;
                /** @description The id of the memory. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemoryChanges"];
            };
        };
        responses: {
            /** @description The memory as it is now. */
            200: {
                headers: {
                    /** @description The version of the memory, where the policy lets the caller see it. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Memory"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403-2"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409-3"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413-3"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500-2"];
            503: components["responses"]["Problem503-2"];
            504: components["responses"]["Problem504-2"];
            507: components["responses"]["Problem507"];
        };
    };
    getMemoryHistory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user whose memories they are. */
                user: string;
                /** @description The id of the memory. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The changes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        history: components["schemas"]["HistoryEntry"][];
                    };
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    listSpaces: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The spaces. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SpacePage"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    createSpace: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSpace"];
            };
        };
        responses: {
            /** @description It is made. */
            201: {
                headers: {
                    /** @description Where its list is. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SpaceMembers"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409-4"];
            413: components["responses"]["Problem413-2"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503-3"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    listSpaceMembers: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The shared space. */
                space: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The list. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SpaceMembers"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    grantSpace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The shared space. */
                space: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SpaceGrant"];
            };
        };
        responses: {
            /** @description It is in force in every process. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409-5"];
            413: components["responses"]["Problem413-2"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503-3"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    revokeSpace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The shared space. */
                space: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SpaceRevocation"];
            };
        };
        responses: {
            /** @description It is in force in every process. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409-5"];
            413: components["responses"]["Problem413-2"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503-3"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    eraseSpace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The shared space. */
                space: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            202: {
                headers: {
                    /** @description Where the job is looked up. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasureJob"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    listSharedMemories: {
        parameters: {
            query?: {
                category?: string;
                level?: ("public" | "private" | "sensitive") | ("public" | "private" | "sensitive")[];
                agentId?: string;
                appId?: string;
                sessionId?: string;
                /** @description Occurred at or after this moment. */
                from?: string;
                /** @description Occurred before this moment. */
                to?: string;
                /** @description A substring of the content, whatever its case. */
                keyword?: string;
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The shared space. */
                space: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, newest first; or all of it as NDJSON, a memory a line. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SharedMemoryPage"];
                    "application/x-ndjson": components["schemas"]["SharedMemoryPage"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    addSharedMemory: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key that is new for each new request, 1 to 256 characters. The same request with the same key is carried out once within 24 hours. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The shared space. */
                space: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMemory"] | components["schemas"]["NewMessages"];
            };
        };
        responses: {
            /** @description What was added. */
            201: {
                headers: {
                    /** @description Where the memory is. */
                    Location?: string;
                    /** @description The version of the memory, where the policy lets the caller see it. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SharedMemory"] | components["schemas"]["SharedMemories"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403-2"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409-3"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500-2"];
            503: components["responses"]["Problem503-2"];
            504: components["responses"]["Problem504-2"];
            507: components["responses"]["Problem507"];
        };
    };
    deleteSharedMemories: {
        parameters: {
            query?: {
                category?: string;
                level?: ("public" | "private" | "sensitive") | ("public" | "private" | "sensitive")[];
                agentId?: string;
                appId?: string;
                sessionId?: string;
                /** @description Occurred at or after this moment. */
                from?: string;
                /** @description Occurred before this moment. */
                to?: string;
                /** @description A substring of the content, whatever its case. */
                keyword?: string;
                /** @description Deletes everything; nothing else may be said then. */
                all?: "true";
            };
            header?: {
                /** @description A key that is new for each new request, 1 to 256 characters. The same request with the same key is carried out once within 24 hours. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The shared space. */
                space: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How many. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        deleted: number;
                    };
                };
            };
            400: components["responses"]["Problem400-3"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409-2"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503-3"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    querySharedMemories: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The shared space. */
                space: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemoryQuery"];
            };
        };
        responses: {
            /** @description A page, newest first; or all of it as NDJSON, a memory a line. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SharedMemoryPage"];
                    "application/x-ndjson": components["schemas"]["SharedMemoryPage"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            408: components["responses"]["Problem408"];
            413: components["responses"]["Problem413-2"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    countSharedMemories: {
        parameters: {
            query?: {
                category?: string;
                level?: ("public" | "private" | "sensitive") | ("public" | "private" | "sensitive")[];
                agentId?: string;
                appId?: string;
                sessionId?: string;
                /** @description Occurred at or after this moment. */
                from?: string;
                /** @description Occurred before this moment. */
                to?: string;
                /** @description A substring of the content, whatever its case. */
                keyword?: string;
            };
            header?: never;
            path: {
                /** @description The shared space. */
                space: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How many. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        count: number;
                    };
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    searchSharedMemories: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The shared space. */
                space: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SearchOrder"];
            };
        };
        responses: {
            /** @description The hits, the best first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FoundShared"];
                };
            };
            400: components["responses"]["Problem400-4"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403-2"];
            408: components["responses"]["Problem408"];
            413: components["responses"]["Problem413-2"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500-2"];
            503: components["responses"]["Problem503-4"];
            504: components["responses"]["Problem504-2"];
            507: components["responses"]["Problem507"];
        };
    };
    addSharedMemories: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key that is new for each new request, 1 to 256 characters. The same request with the same key is carried out once within 24 hours. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The shared space. */
                space: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMemories"];
            };
        };
        responses: {
            /** @description What was added, in the order of the request. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SharedMemories"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403-2"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409-3"];
            413: components["responses"]["Problem413"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500-2"];
            503: components["responses"]["Problem503-2"];
            504: components["responses"]["Problem504-2"];
            507: components["responses"]["Problem507"];
        };
    };
    getSharedMemory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The shared space. */
                space: string;
                /** @description The id of the memory. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The memory. */
            200: {
                headers: {
                    /** @description The version of the memory, where the policy lets the caller see it. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SharedMemory"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    deleteSharedMemory: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of the version that the change is meant for, or *. */
                "If-Match"?: string;
                /** @description A key that is new for each new request, 1 to 256 characters. The same request with the same key is carried out once within 24 hours. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The shared space. */
                space: string;
                /** @description The id of the memory. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409-2"];
            412: components["responses"]["Problem412"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503-3"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    updateSharedMemory: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of the version that the change is meant for, or *. */
                "If-Match"?: string;
                /** @description A key that is new for each new request, 1 to 256 characters. The same request with the same key is carried out once within 24 hours. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The shared space. */
                space: string;
                /** @description The id of the memory. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemoryChanges"];
            };
        };
        responses: {
            /** @description The memory as it is now. */
            200: {
                headers: {
                    /** @description The version of the memory, where the policy lets the caller see it. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SharedMemory"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403-2"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409-3"];
            412: components["responses"]["Problem412"];
            413: components["responses"]["Problem413-3"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500-2"];
            503: components["responses"]["Problem503-2"];
            504: components["responses"]["Problem504-2"];
            507: components["responses"]["Problem507"];
        };
    };
    getSharedMemoryHistory: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The shared space. */
                space: string;
                /** @description The id of the memory. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The changes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        history: components["schemas"]["SharedHistoryEntry"][];
                    };
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    explainShared: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The shared space. */
                space: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExplainOrder"];
            };
        };
        responses: {
            /** @description The decision. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explanation"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            413: components["responses"]["Problem413-2"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    shareMemory: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key that is new for each new request, 1 to 256 characters. The same request with the same key is carried out once within 24 hours. */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The user whose memories they are. */
                user: string;
                /** @description The id of the memory. */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Share"];
            };
        };
        responses: {
            /** @description The copy. */
            201: {
                headers: {
                    /** @description Where the memory is. */
                    Location?: string;
                    /** @description The version of the memory, where the policy lets the caller see it. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SharedMemory"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403-2"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409-3"];
            413: components["responses"]["Problem413-3"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500-2"];
            503: components["responses"]["Problem503-2"];
            504: components["responses"]["Problem504-2"];
            507: components["responses"]["Problem507"];
        };
    };
    resolveShared: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user whose memories they are. */
                user: string;
                /** @description The id of the memory. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The memory. */
            200: {
                headers: {
                    /** @description The version of the memory, where the policy lets the caller see it. */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SharedMemory"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    listUsers: {
        parameters: {
            query?: {
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The users. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserPage"];
                };
            };
            400: components["responses"]["Problem400"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    startExport: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ExportOrder"];
            };
        };
        responses: {
            /** @description The job. */
            202: {
                headers: {
                    /** @description Where the job is looked up. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExportJob"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            408: components["responses"]["Problem408"];
            413: components["responses"]["Problem413-2"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503-5"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    getExport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the job. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExportJob"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404-2"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    approveExport: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the job. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExportJob"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403-3"];
            404: components["responses"]["Problem404-2"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    getExportManifest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the job. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The manifest. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExportManifest"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404-2"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409-6"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    getExportFile: {
        parameters: {
            query?: {
                /** @description The memories, or the file of users: counts, levels and time of each. */
                part?: "memories" | "users";
            };
            header?: never;
            path: {
                /** @description The id of the job. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    /** @description The name of the file. */
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                    "application/json": string;
                    "text/csv": string;
                    "application/zip": string;
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403-2"];
            404: components["responses"]["Problem404-2"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409-7"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    eraseUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The user whose memories they are. */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            202: {
                headers: {
                    /** @description Where the job is looked up. */
                    Location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasureJob"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    getErasure: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of the job. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasureJob"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404-2"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    queryAudit: {
        parameters: {
            query?: {
                /** @description As owner or as principal. */
                user?: string;
                principal?: string;
                since?: string;
                until?: string;
                outcome?: "allowed" | "denied" | "absent" | "conflict" | "failed" | "unknown";
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The records. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        records: components["schemas"]["AuditRecord"][];
                    };
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    reportDisclosures: {
        parameters: {
            query: {
                user: string;
                since?: string;
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The disclosures, oldest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DisclosureReport"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    reportSpaceDisclosures: {
        parameters: {
            query: {
                space: string;
                since?: string;
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The disclosures, oldest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SpaceDisclosureReport"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    policyRevision: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description SHA-256 of the policies, and whether their last reload did well. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        revision: string;
                        current: boolean;
                    };
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    policyMatrix: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The matrix. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyMatrix"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    testPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PolicyCase"];
            };
        };
        responses: {
            /** @description What each action is answered. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PolicyCaseResults"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            408: components["responses"]["Problem408"];
            413: components["responses"]["Problem413-2"];
            415: components["responses"]["Problem415"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    keyStatus: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The state. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyStatus"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    publicKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The keys. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublicKeys"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    listCredentials: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The keys. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        credentials: components["schemas"]["Credential"][];
                    };
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    createCredential: {
        parameters: {
            query?: never;
            header?: {
                /** @description A key that is new for each new request, 1 to 256 characters. The same request with the same key is carried out once within 24 hours. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewCredential"];
            };
        };
        responses: {
            /** @description The key, and what is kept of it. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewApiKey"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404-3"];
            408: components["responses"]["Problem408"];
            409: components["responses"]["Problem409-8"];
            413: components["responses"]["Problem413-2"];
            415: components["responses"]["Problem415"];
            422: components["responses"]["Problem422"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
    revokeCredential: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The revoked key. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Credential"];
                };
            };
            400: components["responses"]["Problem400-2"];
            401: components["responses"]["Problem401"];
            403: components["responses"]["Problem403"];
            404: components["responses"]["Problem404-3"];
            408: components["responses"]["Problem408"];
            429: components["responses"]["Problem429"];
            500: components["responses"]["Problem500"];
            503: components["responses"]["Problem503"];
            504: components["responses"]["Problem504"];
            507: components["responses"]["Problem507"];
        };
    };
}
