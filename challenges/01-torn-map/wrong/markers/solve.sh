#!/bin/sh
# Commits the file as Git left it.
set -eu
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" map
cd map
git config user.name Seeker
git config user.email seeker@example.org
git merge origin/east || true
git commit --quiet --all --no-edit
git push origin main
