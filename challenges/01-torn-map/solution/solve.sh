#!/bin/sh
set -eu
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" map
cd map
git config user.name Seeker
git config user.email seeker@example.org
git merge origin/east || true
sed -i '/^<<<<<<< /d; /^=======$/d; /^>>>>>>> /d' map.txt
git add map.txt
git commit --quiet --no-edit
git push origin main
