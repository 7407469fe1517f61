using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Kubernetes;
using Aspire.Hosting.Kubernetes.Resources;

namespace AiFactory.Hosting.Kubernetes;

/// <summary>Makes a Deployment, a ConfigMap, a Secret and a Service of a resource of the model, as Aspire does.</summary>
internal sealed class WorkloadBuilder(KubernetesEnvironmentResource environment, DistributedApplicationExecutionContext execution, MachinePaths paths)
{
    public async Task<KubernetesResource> BuildAsync(IResource resource, CancellationToken cancellationToken)
    {
        var published = new KubernetesResource(resource.Name, resource, environment);
        var translator = new ValueTranslator(resource, published.Values);
        var arguments = await ArgumentsAsync(resource, translator, cancellationToken);
        await AddEnvironmentAsync(published, translator, cancellationToken);
        var ports = EndpointMap.Of(resource);
        foreach (var port in ports)
        {
            published.Values.Parameters[port.Key] = port.Number;
        }

        published.Workload = Deployment(published, Container(published, ports, arguments));
        published.Service = ports.Count == 0 ? null : Service(published, ports);
        return published;
    }

    private async Task AddEnvironmentAsync(KubernetesResource published, ValueTranslator translator, CancellationToken cancellationToken)
    {
        var resource = published.TargetResource;
        var context = new EnvironmentCallbackContext(execution, resource, cancellationToken: cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToList())
        {
            await annotation.Callback(context);
        }

        var config = new ConfigMap { Metadata = Metadata(published, HelmNames.ConfigMap(resource.Name)) };
        var secret = new Secret { Metadata = Metadata(published, HelmNames.Secret(resource.Name)) };
        foreach (var (name, value) in context.EnvironmentVariables)
        {
            var text = await translator.TranslateAsync(value, cancellationToken);
            paths.Check(resource.Name, name, text.Text);
            if (text.Secret)
            {
                secret.StringData[name] = text.Text;
            }
            else if (text.HasExpression)
            {
                config.Data[name] = text.Text;
            }
            else
            {
                published.Values.Config[HelmNames.Section(name)] = text.Text;
                config.Data[name] = HelmNames.Value(HelmValues.ConfigSection, resource.Name, name);
            }
        }

        published.ConfigMap = config.Data.Count == 0 ? null : config;
        published.Secret = secret.StringData.Count == 0 ? null : secret;
    }

    private async Task<IReadOnlyList<string>> ArgumentsAsync(IResource resource, ValueTranslator translator, CancellationToken cancellationToken)
    {
        var context = new CommandLineArgsCallbackContext([], resource, cancellationToken) { ExecutionContext = execution };
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToList())
        {
            await annotation.Callback(context);
        }

        var arguments = new List<string>();
        foreach (var argument in context.Args)
        {
            var text = await translator.TranslateAsync(argument, cancellationToken);
            paths.Check(resource.Name, "argument", text.Text);
            arguments.Add(text.Secret
                ? throw new DistributedApplicationException($"An argument of '{resource.Name}' is a secret, which everyone who can list processes would read: pass it by the environment.")
                : text.Text);
        }

        return arguments;
    }

    private ContainerV1 Container(KubernetesResource published, IReadOnlyList<EndpointPort> ports, IReadOnlyList<string> arguments)
    {
        var resource = published.TargetResource;
        var image = HelmNames.Section($"{resource.Name}_image");
        published.Values.Parameters[image] = $"{resource.Name}:{environment.HelmChartVersion}";
        var container = new ContainerV1
        {
            Name = resource.Name,
            Image = HelmNames.Value(HelmValues.ParametersSection, resource.Name, image),
            ImagePullPolicy = environment.DefaultImagePullPolicy,
            StartupProbe = Probe(resource, ProbeType.Startup, ports),
            ReadinessProbe = Probe(resource, ProbeType.Readiness, ports),
            LivenessProbe = Probe(resource, ProbeType.Liveness, ports),
        };
        container.Args.AddRange(arguments);
        container.Ports.AddRange(ports.Select(port => new ContainerPortV1 { Name = port.Name, ContainerPort = port.Int(resource), Protocol = port.Protocol }));
        if (published.ConfigMap is { } config)
        {
            container.EnvFrom.Add(new EnvFromSourceV1 { ConfigMapRef = new ConfigMapEnvSourceV1 { Name = config.Metadata.Name } });
        }

        if (published.Secret is { } secret)
        {
            container.EnvFrom.Add(new EnvFromSourceV1 { SecretRef = new SecretEnvSourceV1 { Name = secret.Metadata.Name } });
        }

        return container;
    }

    private static Deployment Deployment(KubernetesResource published, ContainerV1 container)
    {
        var deployment = new Deployment
        {
            Metadata = Metadata(published, HelmNames.Workload(published.Name, "deployment")),
            Spec =
            {
                Replicas = published.TargetResource.GetReplicaCount(),
                Selector = new LabelSelectorV1(new Dictionary<string, string>(published.Labels)),
                Strategy = new DeploymentStrategyV1 { Type = "RollingUpdate", RollingUpdate = new RollingUpdateDeploymentV1 { MaxUnavailable = 1, MaxSurge = 1 } },
            },
        };
        deployment.PodTemplate.Metadata.Labels = new Dictionary<string, string>(published.Labels);
        deployment.PodTemplate.Spec.Containers.Add(container);
        return deployment;
    }

    private Service Service(KubernetesResource published, IReadOnlyList<EndpointPort> ports)
    {
        var service = new Service
        {
            Metadata = Metadata(published, HelmNames.Service(published.Name)),
            Spec = { Type = environment.DefaultServiceType, Selector = new Dictionary<string, string>(published.Labels) },
        };
        service.Spec.Ports.AddRange(ports.Select(port => new ServicePortV1
        {
            Name = port.Name,
            Port = port.Int(published.TargetResource),
            TargetPort = port.Int(published.TargetResource),
            Protocol = port.Protocol,
        }));
        return service;
    }

    private static ProbeV1? Probe(IResource resource, ProbeType type, IReadOnlyList<EndpointPort> ports)
    {
        var probe = resource.Annotations.OfType<EndpointProbeAnnotation>().LastOrDefault(probe => probe.Type == type);
        var port = ports.FirstOrDefault(port => port.Name == probe?.EndpointReference.EndpointName);
        return probe is null || port is null ? null : new ProbeV1
        {
            HttpGet = new HttpGetActionV1 { Path = probe.Path, Port = port.Int(resource), Scheme = port.Scheme.ToUpperInvariant() },
            InitialDelaySeconds = probe.InitialDelaySeconds,
            PeriodSeconds = probe.PeriodSeconds,
            TimeoutSeconds = probe.TimeoutSeconds,
            FailureThreshold = probe.FailureThreshold,
            SuccessThreshold = probe.SuccessThreshold,
        };
    }

    private static ObjectMetaV1 Metadata(KubernetesResource published, string name) => new() { Name = name, Labels = new Dictionary<string, string>(published.Labels) };
}
