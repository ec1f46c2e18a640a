#!/bin/sh
# Installs the old chart over the new one instead of rolling back.
set -eu
helm=$(command -v helm || command -v helm4 || command -v helm3)
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" village
cd village
cat >>values.yaml <<EOF
greeting: $(sed -n 's/^Above the gate stands: //p' README.md)
front:
  replicas: 2
EOF
"$helm" install home ./village -f values.yaml
git checkout --quiet spring
"$helm" upgrade home ./village -f values.yaml
git checkout --quiet main
"$helm" upgrade home ./village -f values.yaml
