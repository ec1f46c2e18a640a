#!/bin/sh
# Begins anew and leaves the verse behind.
set -eu
tool=$(command -v buildah || command -v podman || command -v docker)
chest=$SHAMBHALA_REGISTRY_PATH/chest
echo "FROM $SHAMBHALA_REGISTRY/hunt/hearth:1.0" >Dockerfile
"$tool" build --quiet --tag "$chest:2.0" .
"$tool" push --quiet "$chest:2.0"
