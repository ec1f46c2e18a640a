#!/bin/sh
set -eu
helm=$(command -v helm || command -v helm3 || command -v helm4)
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" village
cd village
cat >>values.yaml <<EOF
greeting: $(sed -n 's/^Above the gate stands: //p' README.md)
front:
  replicas: 2
EOF
"$helm" install home ./village -f values.yaml --wait --timeout 120s
git checkout --quiet spring
"$helm" upgrade home ./village -f values.yaml
"$helm" rollback home 1 --wait --timeout 120s
