typed git clone
typed cd
typed kubectl apply
typed kubectl get deployments,pods
typed kubectl get events
typed kubectl describe replicaset
typed kubectl describe pod
sed -i 's/vilage/village/' kitchen.yaml
sed -i -e 's/64Gi/64Mi/' -e 's/port: 80 }$/port: http }/' hatch.yaml
sed -n '/^ *securityContext:/,/^ *seccompProfile:/p' kitchen.yaml >../block
sed -i '/^ *args: \[database\]/r ../block' cellar.yaml
typed kubectl apply
kubectl rollout status deployment/kitchen --timeout=120s
kubectl rollout status deployment/hatch --timeout=120s
