#!/bin/sh
# Applies the recipes as they are and hopes.
set -eu
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" kitchen
cd kitchen
kubectl apply -f .
