#!/bin/sh
# The right text in an ordinary commit: the eastern history is lost.
set -eu
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" map
cd map
git config user.name Seeker
git config user.email seeker@example.org
git merge --squash origin/east || true
sed -i '/^<<<<<<< /d; /^=======$/d; /^>>>>>>> /d' map.txt
git add map.txt
git commit --quiet --message 'Put the map together'
git push origin main
