# Here one stands where the village left one: in its clone, on the branch spring.
typed kubectl get services
typed git switch main
host="village.$SHAMBHALA_HOST_SUFFIX"
class=$(kubectl create ingress ask --rule="$host/=home-front:80" --dry-run=server 2>&1 |
  sed -n 's/.*ingressClassName must be \([a-z0-9.-]*[a-z0-9]\).*/\1/p')
cat >>values.yaml <<EOF
ingress:
  enabled: true
  className: $class
  host: $host
EOF
typed helm upgrade
typed kubectl get ingress
kubectl wait ingress/home-front --for='jsonpath={.status.loadBalancer.ingress}' --timeout=60s
