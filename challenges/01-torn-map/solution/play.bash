typed git clone
typed cd
typed git log
# It stops with a conflict, as planned.
! typed git merge
typed git status
sed -i '/^<<<<<<< /d; /^=======/d; /^>>>>>>> /d' map.txt
typed git add map.txt
typed git commit
typed git push
