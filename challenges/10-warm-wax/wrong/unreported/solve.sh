#!/bin/sh
# Cleans up, and tells nobody that something has leaked.
set -eu
tool=$(command -v buildah || command -v podman || command -v docker)
chest=$SHAMBHALA_REGISTRY_PATH/chest
cat >Dockerfile <<EOF
FROM $SHAMBHALA_REGISTRY/hunt/hearth:1.0
COPY --from=$chest:1.0 /chest /chest
EOF
"$tool" build --quiet --tag "$chest:2.0" .
"$tool" push --quiet "$chest:2.0"
