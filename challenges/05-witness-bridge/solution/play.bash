typed git clone
typed cd
typed git switch bridge
typed git log --oneline --graph
typed git log --format
# What a player does in the editor: the list of commits first, then the message of the squashed plank.
cat >../order.sh <<'EOF'
#!/bin/sh
grep -E '^(pick|fixup|squash) ' "$1" | grep -v 'Tie a rope' |
  awk '{ print $NF, NR, $0 }' | sort -n -k1,1 -k2,2 | cut -d' ' -f3- >"$1.sorted"
mv "$1.sorted" "$1"
EOF
cat >../message.sh <<'EOF'
#!/bin/sh
grep -v '^#' "$1" | grep -v -E '^(Witness:|squash!)' | cat -s >"$1.new"
echo >>"$1.new"
grep '^Witness:' "$1" >>"$1.new"
mv "$1.new" "$1"
EOF
chmod +x ../order.sh ../message.sh
export GIT_SEQUENCE_EDITOR=$PWD/../order.sh GIT_EDITOR=$PWD/../message.sh
typed git rebase -i --autosquash
typed git push
