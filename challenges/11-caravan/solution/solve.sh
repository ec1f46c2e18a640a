#!/bin/sh
set -eu
tool=$(command -v buildah || command -v podman || command -v docker)
helm=$(command -v helm || command -v helm3 || command -v helm4)
plain=${SHAMBHALA_REGISTRY_PLAIN:+--plain-http}

# The light pack, as the stage before had it built.
image=$SHAMBHALA_REGISTRY_PATH/pack
mkdir house
echo '<h1>A house</h1>' >house/index.html
cat >house/Dockerfile <<EOF
FROM $SHAMBHALA_REGISTRY/hunt/hearth:1.0
COPY index.html /pack/www/index.html
USER 65532:65532
EXPOSE 8080
CMD ["httpd", "-f", "-p", "8080", "-h", "/pack/www"]
EOF
"$tool" build --quiet --tag "$image:1.0" house
"$tool" push --quiet "$image:1.0"
digest=$(crane digest ${SHAMBHALA_REGISTRY_PLAIN:+--insecure} "$image:1.0")

git clone --quiet "$SHAMBHALA_REPOSITORY_URL" caravan
cd caravan
flag=$(sed -n 's/^Flag of the caravan: //p' README.md)
sed -i "s/^flag: ''/flag: $flag/" caravan/values.yaml
sed -i 's/^version: .*/version: 1.0.0/' caravan/Chart.yaml
"$helm" package caravan
"$helm" push caravan-1.0.0.tgz "oci://$SHAMBHALA_REGISTRY_PATH/charts" $plain
"$helm" install caravan "oci://$SHAMBHALA_REGISTRY_PATH/charts/caravan" --version 1.0.0 $plain \
  --set "image.repository=$image" --set "image.digest=$digest" --wait --timeout 120s
