#!/bin/sh
set -eu
export FILTER_BRANCH_SQUELCH_WARNING=1
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" gate
cd gate
git config user.name Seeker
git config user.email seeker@example.org
git branch --quiet night-watch origin/night-watch
KEY=$(git show first-opening:secrets/gate.key)
export KEY
git filter-branch --tree-filter 'grep -rl "$KEY" . | while read -r file; do sed -i "s/$KEY/the usual thing/" "$file"; done' \
  --tag-name-filter cat -- --branches --tags
git push --force origin --all
git push --force origin --tags
