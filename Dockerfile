# Builds the package, then leaves everything behind that a running server does not need.
FROM node:20.20-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts scripts
COPY policies policies
COPY src src
# The client of AWS KMS is optional in the package; an image whose root is read-only cannot add it later.
RUN npm run build \
    && npm install --save-prod --save-exact --no-audit --no-fund "@aws-sdk/client-kms@$(node -p "require('./package.json').devDependencies['@aws-sdk/client-kms']")" \
    && npm prune --omit=dev --no-audit --no-fund

FROM node:20.20-bookworm-slim
ENV NODE_ENV=production \
    MEMWARDEN_DATA=/var/lib/memwarden/data \
    MEMWARDEN_KMS=local:/var/lib/memwarden/keys/kek \
    MEMWARDEN_LEDGER=/var/lib/memwarden/ledger/erasures.ndjson \
    MEMWARDEN_CHECKPOINTS=/var/lib/memwarden/checkpoints \
    MEMWARDEN_ADMIN_KEY_FILE=/var/lib/memwarden/admin-key
WORKDIR /opt/memwarden
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/policies policies
COPY --from=build /build/dist dist
RUN install -d -o node -g node -m 0700 /var/lib/memwarden
# By number, so that an orchestrator can tell that it is not root.
USER 1000:1000
# The only place that is written to: the root file system may be read-only.
VOLUME /var/lib/memwarden
EXPOSE 8420
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s --retries=3 \
    CMD ["node", "-e", "fetch('http://127.0.0.1:8420/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# In a container there is no other address to listen on. Publish the port to a proxy that ends TLS, to nobody else.
CMD ["node", "dist/cli/main.js", "serve", "--host", "0.0.0.0", "--port", "8420", "--behind-proxy"]
