#!/bin/sh
# Copies every message and every file by hand: all planks are now the seeker's.
set -eu
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" bridge
cd bridge
git config user.name Seeker
git config user.email seeker@example.org
git checkout --quiet -b rebuilt origin/main
for n in 1 2 3 4 5; do
  git checkout --quiet origin/bridge -- "planks/$n.txt"
  commit=$(git log --format=%H --grep="^Lay plank $n" origin/bridge | tail -n 1)
  message=$(git log -1 --format=%B "$commit")
  if [ "$n" = 3 ]; then
    message="$message
$(git log -1 --format='%(trailers:key=Witness)' origin/bridge)"
  fi
  git commit --quiet --message "$message"
done
git push --force origin rebuilt:bridge
