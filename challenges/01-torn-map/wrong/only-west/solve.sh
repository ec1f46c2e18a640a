#!/bin/sh
# Makes the conflict go away by taking one's own side of it.
set -eu
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" map
cd map
git config user.name Seeker
git config user.email seeker@example.org
git merge --quiet -X ours --no-edit origin/east
git push origin main
