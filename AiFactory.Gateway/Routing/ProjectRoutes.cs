using System.Collections.Frozen;
using AiFactory.Gateway.Guardrails;

namespace AiFactory.Gateway.Routing;

/// <summary>What the callers of one project can name as <c>model</c>: the project's own deployments first, then those that the whole factory may use.</summary>
internal sealed class ProjectRoutes
{
    private readonly FrozenDictionary<string, Deployment>.AlternateLookup<ReadOnlySpan<char>> _byName;

    public ProjectRoutes(string project, IEnumerable<Deployment> own, IEnumerable<Deployment> shared, GuardrailTable? guardrails = null)
    {
        Project = project;
        var byName = new Dictionary<string, Deployment>(StringComparer.Ordinal);
        foreach (var deployment in own.Concat(shared))
        {
            byName.TryAdd(deployment.Name, deployment);
        }

        All = [.. byName.Values.OrderBy(deployment => deployment.Name, StringComparer.Ordinal)];
        _byName = byName.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        Guardrails = guardrails?.Of(project, All);
    }

    public string Project { get; }

    /// <summary>What rules hold for its callers; null where none do.</summary>
    public ProjectGuardrails? Guardrails { get; }

    /// <summary>By name.</summary>
    public Deployment[] All { get; }

    public Deployment? Find(ReadOnlySpan<char> name) => _byName.TryGetValue(name, out var deployment) ? deployment : null;
}
