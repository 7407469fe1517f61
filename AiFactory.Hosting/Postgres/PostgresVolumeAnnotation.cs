using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Postgres;

/// <summary>The data outlive the run; a name lets them be told apart from the resource's own.</summary>
internal sealed class PostgresVolumeAnnotation(string? name) : IResourceAnnotation
{
    public string? Name { get; } = name;
}
