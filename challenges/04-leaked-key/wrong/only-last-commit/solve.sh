#!/bin/sh
# Deletes the key in new commits: the old ones keep it.
set -eu
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" gate
cd gate
git config user.name Seeker
git config user.email seeker@example.org
git checkout --quiet night-watch
git rm --quiet secrets/gate.key
sed -i '/gate_/d' docs/runbook.md
git commit --quiet --all --message 'Remove the key'
git push origin night-watch
