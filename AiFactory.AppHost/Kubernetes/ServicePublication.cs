using System.Text.RegularExpressions;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;

namespace AiFactory.AppHost.Kubernetes;

/// <summary>Makes of Aspire's Deployment one that a platform engineer accepts: its namespace, its rights, its probes, its secrets by reference.</summary>
internal sealed partial class ServicePublication(Factory factory, FactoryService service)
{
    private const long User = 10001;
    private const string HttpPort = "http";
    private const string TemporaryVolume = "tmp";
    private const string StateVolume = "state";

    public void Apply(KubernetesResource published)
    {
        var deployment = published.Workload as Deployment ?? throw new DistributedApplicationException($"'{service.Name}' is not published as a Deployment.");
        var pod = deployment.PodTemplate;
        var container = pod.Spec.Containers[0];
        // The others keep Aspire's names (gateway-config, gateway-service): its packages file all objects of one name in one file.
        deployment.Metadata.Name = service.Name;
        Place(deployment);
        Configure(published, container);
        Identify(container);
        Restrict(pod.Spec, container);
        Watch(container);
        Spread(pod.Spec, deployment.Spec.Selector.MatchLabels);
        pod.Spec.TerminationGracePeriodSeconds = service.Layout.GraceSeconds;
        pod.Metadata.Annotations[WorkloadTemplates.Checksum] = "";
        container.Image = HelmExpressions.Image(service.Section);
        container.ImagePullPolicy = $"{{{{ .Values.{service.Section}.image.pullPolicy }}}}";
        deployment.Spec.Replicas = service.Layout.Replicas;
        deployment.Spec.RevisionHistoryLimit = 5;
        deployment.Spec.Strategy = new DeploymentStrategyV1 { Type = "RollingUpdate", RollingUpdate = new RollingUpdateDeploymentV1 { MaxUnavailable = 0, MaxSurge = 1 } };
        if (published.Service is { } address)
        {
            Place(address);
        }

        if (service.Layout.Keeps)
        {
            Keep(published, deployment);
        }
    }

    private void Place(BaseKubernetesResource resource)
    {
        resource.Metadata.Namespace = HelmExpressions.Namespace(service.Layout.Area);
        resource.Metadata.Labels["app.kubernetes.io/version"] = "{{ .Chart.AppVersion }}";
        resource.Metadata.Labels["app.kubernetes.io/part-of"] = "aifactory";
        resource.Metadata.Labels["app.kubernetes.io/managed-by"] = "{{ .Release.Service }}";
        resource.Metadata.Labels["helm.sh/chart"] = "{{ include `aifactory.chart` . }}";
    }

    /// <summary>Settings in a ConfigMap; secrets from Secrets that are there, never from this chart's files. A text with a secret in it is put together by the kubelet.</summary>
    private void Configure(KubernetesResource published, ContainerV1 container)
    {
        container.EnvFrom.Clear();
        if (published.ConfigMap is { } config)
        {
            Place(config);
            foreach (var (name, value) in config.Data.ToList())
            {
                config.Data[name] = HelmExpressions.Rewrite(value, factory);
            }

            container.EnvFrom.Add(new EnvFromSourceV1 { ConfigMapRef = new ConfigMapEnvSourceV1 { Name = config.Metadata.Name } });
        }

        if (service.HasIdentityProvider)
        {
            service.Secrets.Add(SecretKey.Of(SecretKey.IdentityProvider));
        }

        var secrets = published.Secret?.StringData.OrderBy(entry => entry.Key, StringComparer.Ordinal).ToList() ?? [];
        published.Secret = null;
        foreach (var (name, value) in secrets)
        {
            var holes = SecretHole().Matches(value);
            if (holes.Count == 1 && holes[0].Length == value.Length)
            {
                container.Env.Add(FromSecret(name, holes[0].Groups["name"].Value));
                continue;
            }

            foreach (var hole in holes.Select(hole => hole.Groups["name"].Value).Distinct().Order(StringComparer.Ordinal))
            {
                if (container.Env.All(variable => variable.Name != Variable(hole)))
                {
                    container.Env.Add(FromSecret(Variable(hole), hole));
                }
            }

            container.Env.Add(new EnvVarV1
            {
                Name = name,
                Value = HelmExpressions.Rewrite(SecretHole().Replace(value, hole => $"$({Variable(hole.Groups["name"].Value)})"), factory),
            });
        }
    }

    private EnvVarV1 FromSecret(string variable, string parameter)
    {
        var key = SecretKey.Of(parameter);
        service.Secrets.Add(key);
        return new EnvVarV1
        {
            Name = variable,
            ValueFrom = new EnvVarSourceV1
            {
                SecretKeyRef = new SecretKeySelectorV1
                {
                    Name = $"{{{{ default `{key.Secret}` (index .Values.secrets `{key.Secret}`).existingSecret }}}}",
                    Key = $"{{{{ (index .Values.secrets `{key.Secret}`).{key.KeyValue} }}}}",
                },
            },
        };
    }

    // A worker is called by its own address, the same after a restart.
    private void Identify(ContainerV1 container)
    {
        container.Env.Add(new EnvVarV1 { Name = "HOME", Value = "/tmp" });
        if (service.Layout.Keeps)
        {
            container.Env.Add(new EnvVarV1 { Name = "POD_NAME", ValueFrom = new EnvVarSourceV1 { FieldRef = new ObjectFieldSelectorV1 { FieldPath = "metadata.name" } } });
            container.Env.Add(new EnvVarV1
            {
                Name = "Worker__AdvertisedUrl",
                Value = $"http://$(POD_NAME).{service.Address}.{HelmExpressions.Namespace(service.Layout.Area)}.svc:{{{{ .Values.parameters.{service.Section}.port_http }}}}",
            });
        }
    }

    private void Restrict(PodSpecV1 pod, ContainerV1 container)
    {
        pod.ServiceAccountName = HelmExpressions.ServiceAccount(service);
        pod.AutomountServiceAccountToken = false;
        pod.EnableServiceLinks = false;
        pod.SecurityContext = new PodSecurityContextV1
        {
            RunAsNonRoot = true,
            RunAsUser = User,
            RunAsGroup = User,
            FsGroup = User,
            FsGroupChangePolicy = "OnRootMismatch",
            SeccompProfile = new SeccompProfileV1 { Type = "RuntimeDefault" },
        };
        container.SecurityContext = new SecurityContextV1
        {
            RunAsNonRoot = true,
            RunAsUser = User,
            RunAsGroup = User,
            AllowPrivilegeEscalation = false,
            ReadOnlyRootFilesystem = true,
            Capabilities = new CapabilitiesV1 { Drop = { "ALL" } },
            SeccompProfile = new SeccompProfileV1 { Type = "RuntimeDefault" },
        };
        pod.Volumes.Add(new VolumeV1 { Name = TemporaryVolume, EmptyDir = new EmptyDirVolumeSourceV1 { SizeLimit = service.Layout.Temporary } });
        container.VolumeMounts.Add(new VolumeMountV1 { Name = TemporaryVolume, MountPath = "/tmp" });
        if (service.Layout.State is { } size)
        {
            container.VolumeMounts.Add(new VolumeMountV1 { Name = StateVolume, MountPath = ContainerPaths.Data(service.Name) });
            if (!service.Layout.Keeps)
            {
                pod.Volumes.Add(new VolumeV1 { Name = StateVolume, EmptyDir = new EmptyDirVolumeSourceV1 { SizeLimit = size } });
            }
        }
    }

    /// <summary>Alive is the process alone; ready is the process with what it needs. Five seconds before its end a pod leaves its Service.</summary>
    private static void Watch(ContainerV1 container)
    {
        container.StartupProbe = Probe("/healthz", period: 2, failures: 60);
        container.ReadinessProbe = Probe("/readyz", period: 5, failures: 3);
        container.LivenessProbe = Probe("/healthz", period: 10, failures: 3);
        container.Lifecycle = new LifecycleV1 { PreStop = new LifecycleHandlerV1 { Sleep = new SleepActionV1 { Seconds = 5 } } };
    }

    private static ProbeV1 Probe(string path, int period, int failures) => new()
    {
        HttpGet = new HttpGetActionV1 { Path = path, Port = HttpPort, Scheme = "HTTP" },
        PeriodSeconds = period,
        TimeoutSeconds = 3,
        FailureThreshold = failures,
    };

    private static void Spread(PodSpecV1 pod, Dictionary<string, string> selector)
    {
        foreach (var topology in new[] { "topology.kubernetes.io/zone", "kubernetes.io/hostname" })
        {
            pod.TopologySpreadConstraints.Add(new TopologySpreadConstraintV1
            {
                MaxSkew = 1,
                TopologyKey = topology,
                WhenUnsatisfiable = "ScheduleAnyway",
                LabelSelector = new LabelSelectorV1(new Dictionary<string, string>(selector)),
            });
        }
    }

    private void Keep(KubernetesResource published, Deployment deployment)
    {
        var claim = new PersistentVolumeClaim { Metadata = { Name = StateVolume } };
        claim.Spec.AccessModes.Add("ReadWriteOnce");
        claim.Spec.Resources = new VolumeResourceRequirementsV1 { Requests = { ["storage"] = $"{{{{ .Values.{service.Section}.storage.size }}}}" } };
        published.Workload = new StatefulSet
        {
            Metadata = deployment.Metadata,
            Spec =
            {
                Replicas = service.Layout.Replicas,
                RevisionHistoryLimit = 5,
                ServiceName = service.Address,
                PodManagementPolicy = "Parallel",
                Selector = deployment.Spec.Selector,
                Template = deployment.Spec.Template,
                VolumeClaimTemplates = { claim },
            },
        };
        if (published.Service is { } address)
        {
            address.Spec.ClusterIp = "None";
            address.Spec.PublishNotReadyAddresses = true;
        }
    }

    // LIBRARYDB_PASSWORD of librarydb_password
    private static string Variable(string parameter) => parameter.ToUpperInvariant();

    // {{ .Values.secrets.library.librarydb_password }}
    [GeneratedRegex(@"\{\{ \.Values\.secrets\.\w+\.(?<name>\w+) \}\}")]
    private static partial Regex SecretHole();
}
