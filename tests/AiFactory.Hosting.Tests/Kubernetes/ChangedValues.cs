namespace AiFactory.Hosting.Tests.Kubernetes;

/// <summary>An installation that changes what can be changed.</summary>
internal static class ChangedValues
{
    public const string Yaml = """
        global:
          imageRegistry: registry.example.com
          imagePullSecrets: [pull]
        namespaces:
          prefix: acme
        ingress:
          className: nginx
          host: ai.acme.example
          annotations:
            cert-manager.io/cluster-issuer: acme
        oidc:
          authority: https://login.acme.example:8443/realms/acme
          audience: acme-ai
          clientId: console
          name: Acme ID
          groups: [{ group: ml, project: "*", roles: [admin, approver] }, { group: "app $(HOME)", project: team-a, roles: [developer] }]
          cidrs: [203.0.113.30/32]
        networkPolicies: { apiServerCidrs: [10.0.0.2/32], apiServerPorts: [6443] }
        telemetry:
          otlpEndpoint: http://collector.monitoring.svc:4318
          namespace: monitoring
        secrets:
          identity: { existingSecret: acme-identity }
          admin: { existingSecret: acme-admin }
          console: { existingSecret: acme-console }
          builderdb: { existingSecret: acme-builderdb }
          gatewaydb: { existingSecret: acme-gatewaydb }
          librarydb: { existingSecret: acme-librarydb }
          objects: { existingSecret: acme-objects }
          oidc: { existingSecret: acme-oidc, key: password }
        postgres:
          mode: external
          usernames: { builderdb: acme_builder }
          external: { host: pg.acme.example, cidrs: [203.0.113.20/32] }
        projects:
          default: { identity: { existingSecret: acme-project-identity, key: project-key } }
        objectStorage: { endpoint: "https://s3.acme.example", bucket: ai, cidrs: [203.0.113.10/32] }
        gateway:
          replicas: 5
          port: 9090
          image: { digest: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }
          resources: { requests: { cpu: "2" }, limits: { memory: 2Gi } }
          nodeSelector: { pool: edge }
          tolerations: [{ key: edge, operator: Exists }]
          affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: a, operator: Exists }] }] } } }
          podAnnotations: { team: ai }
          priorityClassName: very-high
          serviceAccount: { name: door, annotations: { role: door } }
          extraEnv: [{ name: Serving__DrainTime, value: "00:00:20" }]
          extraEgress: [{ to: [{ ipBlock: { cidr: 198.51.100.0/24 } }], ports: [{ protocol: TCP, port: 443 }] }]
        worker:
          storage: { size: 200Gi }
          serviceAccount: { create: false, name: existing }
        serving:
          vllm: { enabled: false }
          models: { demo-embed: { enabled: false } }
        config:
          gateway: { Snapshot__Path: /var/lib/aifactory/gateway/other.json }
        """;
}
