using System.Globalization;
using AiFactory.Hosting.Orchestration.Endpoints;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Orchestration;

/// <summary>Evaluates what the model says of a replica's environment and arguments.</summary>
internal sealed class ResourceValues(DistributedApplicationExecutionContext execution)
{
    public async Task<IReadOnlyList<EnvironmentVariableSnapshot>> EnvironmentAsync(IResource resource, ReplicaPorts ports, ILogger logger, CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(execution, resource, cancellationToken: cancellationToken) { Logger = logger };
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToList())
        {
            await annotation.Callback(context);
        }

        var variables = new List<EnvironmentVariableSnapshot>();
        foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
        {
            if (endpoint.TargetPortEnvironmentVariable is { } variable && ports.Of(endpoint) is { } port)
            {
                variables.Add(new EnvironmentVariableSnapshot(variable, port.ToString(CultureInfo.InvariantCulture), IsFromSpec: true));
            }
        }

        foreach (var (name, value) in context.EnvironmentVariables)
        {
            // No value (an optional reference that is not set): no variable.
            if (await ResolveAsync(resource, value, ports, cancellationToken) is { } text)
            {
                variables.Add(new EnvironmentVariableSnapshot(name, text, IsFromSpec: true) { IsSensitive = ReferencedResources.IsSensitive(value) });
            }
        }

        return variables;
    }

    public async Task<IReadOnlyList<string>> ArgumentsAsync(IResource resource, ReplicaPorts ports, ILogger logger, CancellationToken cancellationToken)
    {
        var values = new List<object>();
        var context = new CommandLineArgsCallbackContext(values, resource, cancellationToken) { Logger = logger, ExecutionContext = execution };
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToList())
        {
            await annotation.Callback(context);
        }

        var arguments = new List<string>();
        foreach (var value in values)
        {
            if (await ResolveAsync(resource, value, ports, cancellationToken) is { } text)
            {
                arguments.Add(text);
            }
        }

        return arguments;
    }

    private async Task<string?> ResolveAsync(IResource resource, object value, ReplicaPorts ports, CancellationToken cancellationToken)
        => value switch
        {
            string text => text,
            IValueProvider provider => await provider.GetValueAsync(
                new ValueProviderContext { ExecutionContext = execution, Caller = resource, TargetPort = ports.Of }, cancellationToken),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture),
        };
}
