{{- /* The namespace of an area: {release}-{area}, so that two releases share nothing. */ -}}
{{- define "aifactory.namespace" -}}
{{- printf "%s-%s" (default .root.Release.Name .root.Values.namespaces.prefix) .area | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "aifactory.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "aifactory.selector" -}}
app.kubernetes.io/component: {{ .component | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/name: {{ .root.Chart.Name | quote }}
{{- end -}}

{{- define "aifactory.labels" -}}
{{ include "aifactory.selector" . }}
app.kubernetes.io/managed-by: {{ .root.Release.Service | quote }}
app.kubernetes.io/part-of: "aifactory"
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
helm.sh/chart: {{ include "aifactory.chart" .root | quote }}
{{- end -}}

{{- /* registry/repository:tag, or @digest, which says more. */ -}}
{{- define "aifactory.image" -}}
{{- $name := .image.repository -}}
{{- with default .image.registry .root.Values.global.imageRegistry -}}
{{- $name = printf "%s/%s" . $name -}}
{{- end -}}
{{- if .image.digest -}}
{{- printf "%s@%s" $name .image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (default .root.Chart.AppVersion .image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "aifactory.serviceAccountName" -}}
{{- if .account.create -}}
{{- default .name .account.name -}}
{{- else -}}
{{- default "default" .account.name -}}
{{- end -}}
{{- end -}}

{{- define "aifactory.priorityClassName" -}}
{{- if .values.priorityClassName -}}
{{- .values.priorityClassName -}}
{{- else if and .class .root.Values.priorityClasses.create -}}
{{- printf "%s-%s" .root.Release.Name .class -}}
{{- end -}}
{{- end -}}

{{- /* What an installation may add to a pod. */ -}}
{{- define "aifactory.pod" -}}
{{- with include "aifactory.priorityClassName" . }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with .root.Values.global.imagePullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . | quote }}
{{- end }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* What an installation may add to a container's environment. */ -}}
{{- define "aifactory.env" -}}
- name: "OTEL_SERVICE_NAME"
  value: {{ .component | quote }}
{{- with .root.Values.telemetry.otlpEndpoint }}
- name: "OTEL_EXPORTER_OTLP_ENDPOINT"
  value: {{ . | quote }}
- name: "OTEL_EXPORTER_OTLP_PROTOCOL"
  value: {{ $.root.Values.telemetry.otlpProtocol | quote }}
{{- end }}
{{- with .values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* Where browsers find the console: as the values say, else at the ingress. */ -}}
{{- define "aifactory.console.url" -}}
{{- $ingress := ternary (printf "https://%s" .Values.ingress.host) "" .Values.ingress.enabled -}}
{{- default $ingress .Values.console.publicUrl -}}
{{- end -}}

{{- /* What the gateway is told of the identity provider, where the values name one, and of its own address, which sign-ins and images have. A "$(" would be the kubelet's to fill. */ -}}
{{- define "aifactory.identityProvider.env" -}}
{{- $secret := .Values.secrets.oidc.existingSecret -}}
{{- with .Values.oidc -}}
{{- if not .authority -}}
{{- if or .audience .clientId .groups .cidrs $secret -}}
{{- fail "oidc.authority is empty, but other values of the identity provider are not. It is the issuer, for example https://login.example.com/realms/company" -}}
{{- end -}}
{{- else -}}
{{- if not .audience -}}
{{- fail "oidc.audience names whom a token must be for when oidc.authority is set: without it one that the provider made for another application would open this one" -}}
{{- end -}}
{{- if not .groups -}}
{{- fail "oidc.groups says what each group may do when oidc.authority is set, for example [{ group: ml-platform, project: \"*\", roles: [admin] }]: without it nobody could do anything" -}}
{{- end -}}
{{- if and $secret (not .clientId) -}}
{{- fail "oidc.clientId names the console's client at the identity provider when secrets.oidc.existingSecret is set" -}}
{{- end -}}
{{- if and .clientId (not (include "aifactory.console.url" $)) -}}
{{- fail "console.publicUrl says where browsers find the console when oidc.clientId is set and ingress.enabled is false: the identity provider sends people back there" -}}
{{- end -}}
{{- if and $.Values.networkPolicies.enabled (not .cidrs) (not $.Values.gateway.extraEgress) -}}
{{- fail (printf "oidc.cidrs names the addresses of %s, for example [203.0.113.30/32]: the network policies let out to nothing else (a provider in this cluster by gateway.extraEgress)" (get (urlParse .authority) "hostname")) -}}
{{- end -}}
{{- range $name, $value := dict "Authority" .authority "Audience" .audience "ClientId" .clientId "GroupsClaim" .groupsClaim "Name" .name "Scope" .scope }}
{{- if $value }}
- name: {{ printf "Oidc__%s" $name | quote }}
  value: {{ $value | replace "$(" "$$(" | quote }}
{{- end }}
{{- end }}
{{- range $index, $entry := .groups }}
- name: {{ printf "Oidc__Groups__%d__Group" $index | quote }}
  value: {{ $entry.group | replace "$(" "$$(" | quote }}
- name: {{ printf "Oidc__Groups__%d__Project" $index | quote }}
  value: {{ $entry.project | quote }}
{{- range $place, $role := $entry.roles }}
- name: {{ printf "Oidc__Groups__%d__Roles__%d" $index $place | quote }}
  value: {{ $role | quote }}
{{- end }}
{{- end }}
{{- with $secret }}
- name: "Oidc__ClientSecret"
  valueFrom:
    secretKeyRef:
      name: {{ . | quote }}
      key: {{ $.Values.secrets.oidc.key | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- if include "aifactory.console.url" . }}
- name: "Console__PublicUrl"
  value: {{ include "aifactory.console.url" . | quote }}
{{- end }}
{{- end -}}

{{- define "aifactory.postgres.host" -}}
{{- if eq .Values.postgres.mode "external" -}}
{{- required "postgres.external.host names the server when postgres.mode is external" .Values.postgres.external.host -}}
{{- else -}}
{{- printf "postgres-rw.%s.svc" (include "aifactory.namespace" (dict "root" . "area" "infra")) -}}
{{- end -}}
{{- end -}}

{{- /*
Stops an upgrade from an owner that a database no longer has: bootstrap.initdb is not run again, its tables would stay that owner's, and pg_hba shuts it out.
root, owner, secret
*/ -}}
{{- define "aifactory.postgres.owners" -}}
{{- $namespace := include "aifactory.namespace" (dict "root" .root "area" "infra") -}}
{{- $earlier := dig "spec" "bootstrap" "initdb" "owner" "" (default dict (lookup "postgresql.cnpg.io/v1" "Cluster" $namespace "postgres")) -}}
{{- if and $earlier (ne $earlier .owner) -}}
{{- fail (printf "the databases of the Cluster postgres in %[1]s belong to %[2]s, and each has an owner of its own now. First make the owners, in each database 'reassign owned by %[2]s to {its owner}', 'alter database ... owner to ...', and tell the Cluster: kubectl patch clusters.postgresql.cnpg.io postgres --namespace %[1]s --type merge --patch '{\"spec\":{\"bootstrap\":{\"initdb\":{\"owner\":\"%[3]s\",\"secret\":{\"name\":\"%[4]s\"}}}}}' (docs/kubernetes.md, Upgrading, has all lines)" $namespace $earlier .owner .secret) -}}
{{- end -}}
{{- end -}}

{{- /* Where the network policies let out to for the database. */ -}}
{{- define "aifactory.postgres.peers" -}}
{{- $host := include "aifactory.postgres.host" . -}}
{{- if eq .Values.postgres.mode "external" -}}
{{- if not .Values.postgres.external.cidrs -}}
{{- fail (printf "postgres.external.cidrs names the addresses of %s, for example [203.0.113.20/32]: the network policies let out to nothing else" $host) -}}
{{- end -}}
{{- range .Values.postgres.external.cidrs }}
- ipBlock:
    cidr: {{ . | quote }}
{{- end }}
{{- else }}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ include "aifactory.namespace" (dict "root" . "area" "infra") | quote }}
  podSelector:
    matchLabels:
      cnpg.io/cluster: "postgres"
{{- end }}
{{- end -}}

{{- /* Where they let out to for object storage: addresses, or the namespace of a store in this cluster, which its name tells ({service}.{namespace}.svc). */ -}}
{{- define "aifactory.objects.peers" -}}
{{- $host := get (urlParse .Values.objectStorage.endpoint) "hostname" -}}
{{- if .Values.objectStorage.cidrs }}
{{- range .Values.objectStorage.cidrs }}
- ipBlock:
    cidr: {{ . | quote }}
{{- end }}
{{- else if regexMatch "^[^.]+[.][^.]+[.]svc([.]|$)" $host }}
- namespaceSelector:
    matchLabels:
      kubernetes.io/metadata.name: {{ index (splitList "." $host) 1 | quote }}
  {{- with .Values.objectStorage.podLabels }}
  podSelector:
    matchLabels:
      {{- toYaml . | nindent 6 }}
  {{- end }}
{{- else }}
{{- fail (printf "objectStorage.cidrs names the addresses of %s, for example [203.0.113.10/32], unless it is {service}.{namespace}.svc in this cluster: the network policies let out to nothing else" $host) }}
{{- end }}
{{- end -}}

{{- /* The endpoint's own port, its scheme's when it names none; another only for a store in this cluster, whose pods may listen on another than their Service. */ -}}
{{- define "aifactory.objects.port" -}}
{{- $endpoint := urlParse .Values.objectStorage.endpoint -}}
{{- $own := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $endpoint.host) | default (ternary "443" "80" (eq $endpoint.scheme "https")) -}}
{{- $port := default $own .Values.objectStorage.port | toString -}}
{{- if and .Values.objectStorage.cidrs (ne $port $own) -}}
{{- fail (printf "objectStorage.port is %s, but %s is called on %s: leave it empty for a store outside this cluster" $port .Values.objectStorage.endpoint $own) -}}
{{- end -}}
{{- $port -}}
{{- end -}}

{{- /* The rules that let out to the API server: by its addresses, for it is no pod. */ -}}
{{- define "aifactory.apiServer.egress" -}}
- to:
    {{- range .Values.networkPolicies.apiServerCidrs }}
    - ipBlock:
        cidr: {{ . | quote }}
    {{- end }}
  ports:
    {{- range .Values.networkPolicies.apiServerPorts }}
    - protocol: "TCP"
      port: {{ . | int }}
    {{- end }}
{{- range (lookup "v1" "Endpoints" "default" "kubernetes").subsets }}
{{- if and .addresses .ports }}
# Where the API server is in this cluster.
- to:
    {{- range .addresses }}
    - ipBlock:
        cidr: {{ printf "%s/%s" .ip (ternary "128" "32" (contains ":" .ip)) | quote }}
    {{- end }}
  ports:
    {{- range .ports }}
    - protocol: "TCP"
      port: {{ .port | int }}
    {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* The projects that have a namespace, by name, as JSON. */ -}}
{{- define "aifactory.projectNamespaces" -}}
{{- $seeded := dict "<<project>>" (include "aifactory.namespace" (dict "root" . "area" "<<area>>")) -}}
{{- merge (deepCopy (default dict .Values.approvedModels.namespaces)) $seeded | toJson -}}
{{- end -}}

{{- /* What a service is told that writes to the cluster. */ -}}
{{- define "aifactory.cluster.env" -}}
- name: "Kubernetes__Enabled"
  value: {{ .Values.approvedModels.enabled | quote }}
{{- if .Values.approvedModels.enabled }}
{{- range $project, $namespace := include "aifactory.projectNamespaces" . | fromJson }}
- name: {{ printf "Kubernetes__Namespaces__%s" $project | quote }}
  value: {{ $namespace | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* Its service account's token, which the kubelet renews, and the authority that the API server's certificate is of. */ -}}
{{- define "aifactory.cluster.volume" -}}
{{- if .Values.approvedModels.enabled -}}
- name: "service-account"
  projected:
    # 0440: the pod's own group reads it.
    defaultMode: 288
    sources:
      - serviceAccountToken:
          path: "token"
          expirationSeconds: 3600
      - configMap:
          name: "kube-root-ca.crt"
          items:
            - key: "ca.crt"
              path: "ca.crt"
{{- end -}}
{{- end -}}

{{- define "aifactory.cluster.mount" -}}
{{- if .Values.approvedModels.enabled -}}
- name: "service-account"
  mountPath: "/var/run/secrets/kubernetes.io/serviceaccount"
  readOnly: true
{{- end -}}
{{- end -}}

{{- /* The namespace of collector and Prometheus. */ -}}
{{- define "aifactory.telemetry.namespace" -}}
{{- default (include "aifactory.namespace" (dict "root" . "area" "observability")) .Values.telemetry.namespace -}}
{{- end -}}

{{- /*
A secret's value: the one that is in the cluster, in whichever of the areas, else a new one. All Secrets of one rendering get the same.
root, secret, key, areas, prefix
*/ -}}
{{- define "aifactory.generated" -}}
{{- $made := default dict (get .root.Values "generated") -}}
{{- if not (hasKey $made .secret) -}}
{{- $value := "" -}}
{{- range .areas -}}
{{- $found := lookup "v1" "Secret" (include "aifactory.namespace" (dict "root" $.root "area" .)) $.secret -}}
{{- with get (default dict $found.data) $.key -}}
{{- $value = default (b64dec .) $value -}}
{{- end -}}
{{- end -}}
{{- $_ := set $made .secret (default (printf "%s%s" .prefix (randAlphaNum 48)) $value) -}}
{{- $_ := set .root.Values "generated" $made -}}
{{- end -}}
{{- get $made .secret -}}
{{- end -}}

{{- /*
The Secret with the key that the workers of a project check identities with. The factory's own key signs administrators too, so it never stands in a project's namespace.
root, project
*/ -}}
{{- define "aifactory.projectIdentity" -}}
{{- $existing := (index .root.Values.projects .project).identity.existingSecret -}}
{{- if and .root.Values.secrets.identity.existingSecret (not $existing) -}}
{{- fail (printf "projects.%s.identity.existingSecret names the Secret with the project's own key when secrets.identity.existingSecret is set: made from the factory's key, never that key itself" .project) -}}
{{- end -}}
{{- if and $existing (eq $existing .root.Values.secrets.identity.existingSecret) -}}
{{- fail (printf "projects.%[1]s.identity.existingSecret and secrets.identity.existingSecret are both %[2]s: whoever may read Secrets in the project could sign as an administrator. Give the project's Secret another name, with a key made from the factory's (docs/kubernetes.md, Secrets)" .project $existing) -}}
{{- end -}}
{{- default "identity" $existing -}}
{{- end -}}

{{- define "aifactory.restricted" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop:
    - "ALL"
seccompProfile:
  type: "RuntimeDefault"
{{- end -}}
