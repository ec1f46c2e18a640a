#!/bin/sh
# The right seal, but the whisper of the newest commit.
set -eu
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" library
cd library
git fetch --quiet origin 'refs/notes/*:refs/notes/*'
seal=$(git for-each-ref --format='%(refname:short) by %(taggername)' refs/tags | sed -n 's/ by Yangchen$//p')
first=$(git tag --list --format='%(contents)' "$seal" | sed -n 's/^The first half of the password: //p')
second=$(git notes show HEAD | sed -n 's/^whispered: .*\(......\)$/\1/p')
echo "answer: $first-$second"
