using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Orchestration;

/// <summary>What is known about one replica when its process is about to start.</summary>
internal sealed class LocalProcessContext(IReadOnlyDictionary<string, int> targetPorts)
{
    public required IResource Resource { get; init; }

    /// <summary>The replica's name.</summary>
    public required string ResourceId { get; init; }

    public required IServiceProvider Services { get; init; }

    /// <summary>Writes in the replica's console log.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>A folder for this resource's data that outlives the run: <c>.aspire/{resource}</c>. It may not exist yet.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>What the model's WithArgs say.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>What the model's WithEnvironment and WithReference say.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>The loopback port on which this replica must listen for the endpoint.</summary>
    public int TargetPort(string endpointName) => targetPorts[endpointName];
}
