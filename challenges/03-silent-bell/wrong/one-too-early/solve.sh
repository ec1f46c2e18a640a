#!/bin/sh
# Stops halving one step too soon: takes back the last day on which the bell still rang.
set -eu
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" bell
cd bell
git config user.name Seeker
git config user.email seeker@example.org
git bisect start main rope-hung
git bisect run ./ring.sh
good=$(git rev-parse refs/bisect/bad~1)
git bisect reset
git revert --no-edit "$good"
git push origin main
