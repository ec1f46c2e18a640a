#!/bin/sh
# Takes the file out of every commit, but the abbot had copied the key into the runbook.
set -eu
export FILTER_BRANCH_SQUELCH_WARNING=1
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" gate
cd gate
git config user.name Seeker
git config user.email seeker@example.org
git branch --quiet night-watch origin/night-watch
git filter-branch --index-filter 'git rm --quiet --cached --ignore-unmatch secrets/gate.key' --tag-name-filter cat -- --branches --tags
git push --force origin --all
git push --force origin --tags
