#!/bin/sh
# Says the seal's half only, since no note came with the clone.
set -eu
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" library
cd library
seal=$(git for-each-ref --format='%(refname:short) by %(taggername)' refs/tags | sed -n 's/ by Yangchen$//p')
echo "answer: $(git tag --list --format='%(contents)' "$seal" | sed -n 's/^The first half of the password: //p')"
