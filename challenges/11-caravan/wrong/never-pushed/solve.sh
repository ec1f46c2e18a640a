#!/bin/sh
# Installs from the folder, as the village was, and ships nothing.
set -eu
tool=$(command -v buildah || command -v podman || command -v docker)
helm=$(command -v helm || command -v helm3 || command -v helm4)
image=$SHAMBHALA_REGISTRY_PATH/pack
mkdir house
echo '<h1>A house</h1>' >house/index.html
cat >house/Dockerfile <<EOF
FROM $SHAMBHALA_REGISTRY/hunt/hearth:1.0
COPY index.html /pack/www/index.html
USER 65532:65532
CMD ["httpd", "-f", "-p", "8080", "-h", "/pack/www"]
EOF
"$tool" build --quiet --tag "$image:1.0" house
"$tool" push --quiet "$image:1.0"
digest=$(crane digest ${SHAMBHALA_REGISTRY_PLAIN:+--insecure} "$image:1.0")
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" caravan
cd caravan
sed -i 's/^version: .*/version: 1.0.0/' caravan/Chart.yaml
"$helm" install caravan ./caravan --set "flag=$(sed -n 's/^Flag of the caravan: //p' README.md)" \
  --set "image.repository=$image" --set "image.digest=$digest"
