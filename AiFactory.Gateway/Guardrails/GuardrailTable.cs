using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Guardrails;

/// <summary>Every level's rules, compiled. A level that has not changed is compiled once, however many snapshots name it.</summary>
internal sealed class GuardrailTable
{
    private readonly Dictionary<(string? Project, string? Deployment), (int Version, GuardrailPolicy Policy)> _levels = [];

    /// <returns>Null where nobody has rules.</returns>
    public static GuardrailTable? Compile(IReadOnlyList<GuardrailRoute>? routes, GuardrailTable? previous, Action<string> refuse)
    {
        if (routes is not { Count: > 0 })
        {
            return null;
        }

        var table = new GuardrailTable();
        foreach (var route in routes)
        {
            var key = (route.Project, route.Deployment);
            table._levels[key] = previous?._levels.TryGetValue(key, out var known) == true && known.Version == route.Version ? known : (route.Version, GuardrailCompiler.Compile(route, refuse));
        }

        return table;
    }

    /// <summary>What holds for the callers of one project.</summary>
    /// <param name="project">Empty for callers of the whole factory who name none: they are charged to a deployment's project, and have its rules.</param>
    /// <param name="deployments">That they may name.</param>
    /// <returns>Null where nothing holds.</returns>
    public ProjectGuardrails? Of(string project, IEnumerable<Deployment> deployments)
    {
        var common = Merge([Level(null, null), project.Length == 0 ? null : Level(project, null)]);
        var own = new Dictionary<Guid, GuardrailPolicy>();
        foreach (var deployment in deployments)
        {
            GuardrailPolicy?[] more = [project.Length == 0 ? Level(deployment.Project, null) : null, .. Names(deployment).Select(name => Level(deployment.Project, name))];
            if (more.Any(level => level is not null) && Merge([common, .. more]) is { } all)
            {
                own[deployment.Route.Id] = all;
            }
        }

        return common is null && own.Count == 0 ? null : new ProjectGuardrails(common, own);
    }

    /// <summary>The deployment's, and those of all that may answer in its place or get a copy: what goes to one of them has to pass the rules of each.</summary>
    private static IEnumerable<string> Names(Deployment deployment)
    {
        var traffic = deployment.Route.Traffic;
        return (string[])[deployment.Name, .. (traffic?.Splits ?? []).Select(split => split.Deployment), .. traffic?.Fallbacks ?? [], .. traffic?.Shadow is { } shadow ? [shadow.Deployment] : Array.Empty<string>()];
    }

    private static GuardrailPolicy? Merge(IEnumerable<GuardrailPolicy?> levels)
    {
        GuardrailPolicy[] present = [.. levels.OfType<GuardrailPolicy>().Distinct()];
        return present.Length == 0 ? null : GuardrailPolicy.Merge(present);
    }

    private GuardrailPolicy? Level(string? project, string? deployment) => _levels.TryGetValue((project, deployment), out var level) ? level.Policy : null;
}
