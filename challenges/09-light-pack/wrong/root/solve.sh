#!/bin/sh
# Light, but whoever runs it runs root.
set -eu
tool=$(command -v buildah || command -v podman || command -v docker)
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" pack
cd pack
sed -i '/anvil$/d; s/ anvil.sh//' Dockerfile
git -c user.name=Seeker -c user.email=seeker@mountain.invalid commit --quiet --all --message 'Forget the anvil'
git push --quiet origin main
image=$SHAMBHALA_REGISTRY_PATH/pack:1.0
"$tool" build --quiet --label "org.opencontainers.image.revision=$(git rev-parse HEAD)" --tag "$image" .
"$tool" push --quiet "$image"
