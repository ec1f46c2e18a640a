typed git clone
typed cd
typed docker build
typed docker history
base=$(sed -n 's/^FROM //p' Dockerfile)
sed -i -e "s|^FROM .*|FROM $base AS workshop|" -e '/^EXPOSE/,$d' Dockerfile
cat >>Dockerfile <<EOF
FROM $base
COPY --from=workshop /pack/www /pack/www
USER 65532:65532
EXPOSE 8080
CMD ["httpd", "-f", "-p", "8080", "-h", "/pack/www"]
EOF
typed git commit
typed git push
typed docker build --label
typed docker push
