#!/bin/sh
# Keeps every line, but the east first: the merge was made from the other side.
set -eu
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" map
cd map
git config user.name Seeker
git config user.email seeker@example.org
git checkout --quiet east
git merge origin/main || true
sed -i '/^<<<<<<< /d; /^=======$/d; /^>>>>>>> /d' map.txt
git add map.txt
git commit --quiet --no-edit
git push origin east:main
