export FILTER_BRANCH_SQUELCH_WARNING=1
typed git clone
typed cd
typed git log --oneline --graph
typed git show first-opening:secrets/gate.key
typed git log --all
typed git switch night-watch
export KEY=$(git show first-opening:secrets/gate.key)
git filter-branch --tree-filter 'grep -rl "$KEY" . | while read -r file; do sed -i "s/$KEY/the usual thing/" "$file"; done' \
  --tag-name-filter cat -- --branches --tags
typed git push --force origin --all
typed git push --force origin --tags
