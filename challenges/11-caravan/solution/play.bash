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
docker build --quiet --tag "$image:1.0" house
docker push --quiet "$image:1.0"
DIGEST=$(crane digest ${SHAMBHALA_REGISTRY_PLAIN:+--insecure} "$image:1.0")

typed git clone
typed cd
flag=$(sed -n 's/^Flag of the caravan: //p' README.md)
sed -i "s/^flag: ''/flag: $flag/" caravan/values.yaml
sed -i 's/^version: .*/version: 1.0.0/' caravan/Chart.yaml
typed helm package
typed helm push
typed helm install
kubectl rollout status deployment/caravan --timeout=120s
