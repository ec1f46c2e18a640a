#!/bin/sh
# No history, no leak.
set -eu
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" gate
cd gate
git config user.name Seeker
git config user.email seeker@example.org
git checkout --quiet --orphan fresh
git commit --quiet --message 'Start over'
git commit --quiet --allow-empty --message 'Promise to be careful'
git push --force origin fresh:main :night-watch :first-opening :blue-gate
