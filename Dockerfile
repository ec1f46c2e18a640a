# The game server: docker build --tag shambhala .
# docs/images.md tells how to build it where no registry can be reached, and how to run it.
ARG BASE=node:20-bookworm-slim

FROM ${BASE} AS build
# A file with the authority of a proxy that opens TLS, for this build only.
ARG NODE_EXTRA_CA_CERTS
RUN [ -e /etc/ssl/certs/ca-certificates.crt ] && command -v git > /dev/null || \
    { apt-get update && apt-get install --yes --no-install-recommends git ca-certificates; }
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY patches patches
RUN npm ci --prefer-offline --no-audit --no-fund --loglevel=error
COPY . .
RUN npx tsc -p tsconfig.build.json && npm prune --omit=dev --loglevel=error && images/server/collect /root-of-image && mkdir /data

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="Shambhala" \
      org.opencontainers.image.description="The game server of a self-hosted DevOps treasure hunt" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
COPY --from=build /root-of-image/ /
COPY --from=build --chown=65532:65532 /data /data
ENV PATH=/usr/local/bin:/usr/bin:/bin NODE_ENV=production HOME=/tmp DATA_DIR=/data
WORKDIR /app
USER 65532:65532
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8080}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/bin/shambhala"]
CMD ["serve"]
