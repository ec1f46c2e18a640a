typed git clone
typed cd
# It is silent, which is the trouble.
! typed ./ring.sh
typed git bisect start
typed git bisect run
culprit=$(git rev-parse refs/bisect/bad)
typed git bisect reset
git revert --no-edit "$culprit"
typed ./ring.sh
typed git push
