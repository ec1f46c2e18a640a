#!/bin/sh
# Trusts a seal that somebody else made, and the whisper below it.
set -eu
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" library
cd library
git fetch --quiet origin 'refs/notes/*:refs/notes/*'
seal=$(git for-each-ref --format='%(refname:short) by %(taggername)' refs/tags |
  sed -n '/ by Yangchen$/d; s/^\(seal-[a-z]*\) by .*/\1/p' | head -n 1)
first=$(git tag --list --format='%(contents)' "$seal" | sed -n 's/^The first half of the password: //p')
second=$(git notes show "$seal^{commit}" | sed -n 's/^whispered: //p')
echo "answer: $first-$second"
