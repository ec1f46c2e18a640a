#!/bin/sh
# Pulls the rope and listens.
cd "$(dirname "$0")" || exit 125
threads=$(cat rope/*.txt | awk '{ threads += $2 } END { print threads }')
if [ "$threads" -eq "$(cat bell.txt)" ]; then
  echo ring
else
  echo silence
  exit 1
fi
