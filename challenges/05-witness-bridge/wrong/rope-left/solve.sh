#!/bin/sh
# Lets Git do what it does by itself: fixups go where they belong, the rest stays as it was.
set -eu
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" bridge
cd bridge
git config user.name Seeker
git config user.email seeker@example.org
git checkout --quiet bridge
GIT_SEQUENCE_EDITOR=true GIT_EDITOR=true git rebase --quiet -i --autosquash origin/main
git push --force origin bridge
