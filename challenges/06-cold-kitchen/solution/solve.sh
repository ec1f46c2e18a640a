#!/bin/sh
set -eu
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" kitchen
cd kitchen
kubectl apply -f .

sed -i 's/vilage/village/' kitchen.yaml
sed -i -e 's/64Gi/64Mi/' -e 's/port: 80 }$/port: http }/' hatch.yaml
# The cellar gets the block that the kitchen has.
sed -n '/^ *securityContext:/,/^ *seccompProfile:/p' kitchen.yaml >../block
sed -i '/^ *args: \[database\]/r ../block' cellar.yaml
kubectl apply -f .
kubectl rollout status deployment/kitchen --timeout=120s
kubectl rollout status deployment/hatch --timeout=120s
