#!/bin/sh
# Finds the day, and mends its link by hand.
set -eu
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" bell
cd bell
git config user.name Seeker
git config user.email seeker@example.org
git bisect start main rope-hung
git bisect run ./ring.sh
culprit=$(git rev-parse refs/bisect/bad)
git bisect reset
git checkout --quiet "$culprit~1" -- "$(git diff --name-only "$culprit~1" "$culprit")"
./ring.sh
git commit --quiet --message 'Repair the rope'
git push origin main
