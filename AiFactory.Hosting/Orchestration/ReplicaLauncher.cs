using System.Collections;
using AiFactory.Hosting.Dashboard;
using AiFactory.Hosting.Orchestration.Endpoints;
using AiFactory.Hosting.Orchestration.Processes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Orchestration;

/// <summary>Turns what the model says of a replica into a running process.</summary>
internal sealed class ReplicaLauncher(
    ResourceValues values,
    TelemetryEnvironment telemetry,
    ProjectTargets targets,
    AppHostDirectories directories,
    Sentinel sentinel,
    PortMemory memory,
    SecretMask mask,
    ResourceLoggerService loggers,
    IServiceProvider services)
{
    public static bool CanLaunch(IResource resource)
        => resource is ProjectResource or ExecutableResource || resource.HasAnnotationOfType<LocalProcessAnnotation>();

    public async Task<LaunchedReplica> LaunchAsync(IResource resource, string resourceId, CancellationToken cancellationToken)
    {
        var log = loggers.Get(resourceId);
        var logger = loggers.GetLogger(resourceId);
        var ports = ReplicaPorts.Choose(resource, resourceId, memory);
        var variables = (await values.EnvironmentAsync(resource, ports, logger, cancellationToken)).ToList();
        if (resource is ProjectResource || resource.HasAnnotationOfType<OtlpExporterAnnotation>())
        {
            var instance = resourceId.Length > resource.Name.Length ? resourceId[(resource.Name.Length + 1)..] : resourceId;
            foreach (var (name, value) in await telemetry.OfAsync(resource.Name, instance, cancellationToken))
            {
                variables.Add(new EnvironmentVariableSnapshot(name, value, IsFromSpec: true) { IsSensitive = name == "OTEL_EXPORTER_OTLP_HEADERS" });
            }
        }

        var context = new LocalProcessContext(ports.ByName)
        {
            Resource = resource,
            ResourceId = resourceId,
            Services = services,
            Logger = logger,
            DataDirectory = Path.Combine(directories.Data, resource.Name),
            Arguments = await values.ArgumentsAsync(resource, ports, logger, cancellationToken),
            Environment = variables.GroupBy(v => v.Name).ToDictionary(g => g.Key, g => g.Last().Value ?? ""),
        };
        var description = await DescribeAsync(resource, context, cancellationToken);
        AddUnseen(variables, description);
        var environment = ChildEnvironment.Of(Environment.GetEnvironmentVariables(), description.Environment);
        var lastWords = new LastWords(mask);
        var process = ChildProcess.Start(description, environment, sentinel, (line, isError) =>
        {
            log.Append(line, isError);
            lastWords.Hear(line, isError);
        });
        return new LaunchedReplica(process, description, ports, lastWords, [.. variables]);
    }

    // What the kind of process adds (ASPNETCORE_URLS) is shown too.
    private static void AddUnseen(List<EnvironmentVariableSnapshot> variables, LocalProcess description)
    {
        foreach (var (name, value) in description.Environment)
        {
            if (!variables.Exists(v => v.Name == name))
            {
                variables.Add(new EnvironmentVariableSnapshot(name, value, IsFromSpec: true));
            }
        }
    }

    private async Task<LocalProcess> DescribeAsync(IResource resource, LocalProcessContext context, CancellationToken cancellationToken)
    {
        if (resource.TryGetLastAnnotation<LocalProcessAnnotation>(out var local))
        {
            return await local.PrepareAsync(context, cancellationToken);
        }

        return resource switch
        {
            ProjectResource project => ProjectProcess.Describe(project, context, targets),
            ExecutableResource executable => new LocalProcess
            {
                FileName = executable.Command,
                Arguments = context.Arguments,
                WorkingDirectory = executable.WorkingDirectory,
                Environment = context.Environment,
            },
            _ => throw new DistributedApplicationException(
                $"'{resource.Name}' is a {resource.GetType().Name}, which cannot be run as a local process; there is no container engine here."),
        };
    }
}
