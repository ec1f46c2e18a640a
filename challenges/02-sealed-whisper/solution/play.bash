typed git clone
typed cd
typed git tag
typed git log --oneline
typed git for-each-ref
seal=$(git for-each-ref --format='%(refname:short) by %(taggername)' refs/tags | sed -n 's/ by Yangchen$//p')
first=$(git tag --list --format='%(contents)' "$seal" | sed -n 's/^The first half of the password: //p')
typed git fetch
second=$(git notes show "$seal^{commit}" | sed -n 's/^whispered: //p')
echo "answer: $first-$second"
