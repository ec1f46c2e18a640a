#!/bin/sh
# Goes back to the last ringing commit and forgets everything after it.
set -eu
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" bell
cd bell
git config user.name Seeker
git config user.email seeker@example.org
git bisect start main rope-hung
git bisect run ./ring.sh
good=$(git rev-parse refs/bisect/bad~1)
git bisect reset
git reset --quiet --hard "$good"
git push --force origin main
