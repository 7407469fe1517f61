using System.Collections.Immutable;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The names of a resource's replicas, given before it starts.</summary>
internal sealed class ReplicaInstancesAnnotation(ImmutableArray<string> names) : IResourceAnnotation
{
    public ImmutableArray<string> Names { get; } = names;
}
