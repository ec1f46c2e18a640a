#!/bin/sh
# Takes the anvil out again in a step of its own: it is hidden, and weighs what it weighed.
set -eu
tool=$(command -v buildah || command -v podman || command -v docker)
# Docker and podman make a layer of every step; buildah is told to.
case $tool in *buildah) layers=--layers ;; *) layers= ;; esac
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" pack
cd pack
sed -i 's/^EXPOSE/RUN rm anvil\nUSER 65532\nEXPOSE/' Dockerfile
git -c user.name=Seeker -c user.email=seeker@mountain.invalid commit --quiet --all --message 'Take the anvil out'
git push --quiet origin main
image=$SHAMBHALA_REGISTRY_PATH/pack:1.0
"$tool" build --quiet $layers --label "org.opencontainers.image.revision=$(git rev-parse HEAD)" --tag "$image" .
"$tool" push --quiet "$image"
