#!/bin/sh
set -eu
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" bell
cd bell
git config user.name Seeker
git config user.email seeker@example.org
git bisect start main rope-hung
git bisect run ./ring.sh
culprit=$(git rev-parse refs/bisect/bad)
git bisect reset
git revert --no-edit "$culprit"
./ring.sh
git push origin main
