#!/bin/sh
# Takes the suffix itself, and somebody else's name, which is refused.
set -eu
helm=$(command -v helm || command -v helm3 || command -v helm4)
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" village
cd village
host=$SHAMBHALA_HOST_SUFFIX
class=$(kubectl create ingress ask --rule="$host/=home-front:80" --dry-run=server 2>&1 |
  sed -n 's/.*ingressClassName must be \([a-z0-9.-]*[a-z0-9]\).*/\1/p')
if kubectl create ingress stolen --class="$class" --rule="village.abbot.${host#*.}/*=home-front:80"; then exit 1; fi
"$helm" install home ./village -f values.yaml \
  --set ingress.enabled=true --set "ingress.className=$class" --set "ingress.host=$host"
