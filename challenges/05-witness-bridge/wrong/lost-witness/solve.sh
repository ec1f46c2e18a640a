#!/bin/sh
# Accepts the message that Git proposes: the first witness of plank 3 stays in the middle of it.
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
chmod +x ../order.sh
GIT_SEQUENCE_EDITOR=../order.sh GIT_EDITOR=true git rebase --quiet -i --autosquash origin/main
git push --force origin bridge
