#!/bin/sh
set -eu
helm=$(command -v helm || command -v helm4 || command -v helm3)
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" village
cd village
host="village.$SHAMBHALA_HOST_SUFFIX"
# The refusal of an Ingress without a class names the class.
class=$(kubectl create ingress ask --rule="$host/=home-front:80" --dry-run=server 2>&1 |
  sed -n 's/.*ingressClassName must be \([a-z0-9.-]*[a-z0-9]\).*/\1/p')
"$helm" install home ./village -f values.yaml --wait --timeout 120s
"$helm" upgrade home ./village -f values.yaml \
  --set ingress.enabled=true --set "ingress.className=$class" --set "ingress.host=$host"
kubectl wait ingress/home-front --for='jsonpath={.status.loadBalancer.ingress}' --timeout=60s
