typed git clone
typed cd
cat >>values.yaml <<EOF
greeting: $(sed -n 's/^Above the gate stands: //p' README.md)
front:
  replicas: 2
EOF
typed helm install
kubectl rollout status deployment/home-api --timeout=120s
kubectl rollout status deployment/home-front --timeout=120s
typed git switch spring
typed helm upgrade
typed helm history
typed helm rollback
kubectl rollout status deployment/home-database --timeout=120s
kubectl rollout status deployment/home-api --timeout=120s
kubectl rollout status deployment/home-front --timeout=120s
