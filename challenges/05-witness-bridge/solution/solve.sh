#!/bin/sh
set -eu
git clone --quiet "$SHAMBHALA_REPOSITORY_URL" bridge
cd bridge
git config user.name Seeker
git config user.email seeker@example.org
git checkout --quiet bridge

# The list of commits: drops the rope, then sorts planks (with their fixups, which already follow them) by number.
cat >../order.sh <<'EOF'
#!/bin/sh
grep -E '^(pick|fixup|squash) ' "$1" | grep -v 'Tie a rope' |
  awk '{ print $NF, NR, $0 }' | sort -n -k1,1 -k2,2 | cut -d' ' -f3- >"$1.sorted"
mv "$1.sorted" "$1"
EOF
# The message of the squashed plank: all witnesses go together to the end.
cat >../message.sh <<'EOF'
#!/bin/sh
grep -v '^#' "$1" | grep -v -E '^(Witness:|squash!)' | cat -s >"$1.new"
echo >>"$1.new"
grep '^Witness:' "$1" >>"$1.new"
mv "$1.new" "$1"
EOF
chmod +x ../order.sh ../message.sh
GIT_SEQUENCE_EDITOR=../order.sh GIT_EDITOR=../message.sh git rebase --quiet -i --autosquash origin/main
git push --force origin bridge
