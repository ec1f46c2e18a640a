#!/bin/sh
set -eu
tool=$(command -v buildah || command -v podman || command -v docker)
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" pack
cd pack
base=$(sed -n 's/^FROM //p' Dockerfile)
sed -i -e "s|^FROM .*|FROM $base AS workshop|" -e '/^EXPOSE/,$d' Dockerfile
cat >>Dockerfile <<EOF
FROM $base
COPY --from=workshop /pack/www /pack/www
USER 65532:65532
EXPOSE 8080
CMD ["httpd", "-f", "-p", "8080", "-h", "/pack/www"]
EOF
git -c user.name=Seeker -c user.email=seeker@mountain.invalid commit --quiet --all --message 'Leave the anvil in the workshop'
git push --quiet origin main
image=$SHAMBHALA_REGISTRY_PATH/pack:1.0
"$tool" build --quiet --label "org.opencontainers.image.revision=$(git rev-parse HEAD)" --tag "$image" .
"$tool" push --quiet "$image"
