using AiFactory.Gateway.Auditing;
using AiFactory.Gateway.Routing;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;

namespace AiFactory.Gateway.Caching;

/// <summary>Forgets answers when somebody says so: those of a project's callers, or those of a deployment of the project, whoever asked for them.</summary>
internal sealed class CachePurgeService(CurrentRoutes routes, CacheLevels levels, AuditTrail audit, TimeProvider time, CacheStore? store = null)
{
    public const string Purged = "cache.purged";

    public async Task<Outcome<CachePurgeResponse>> PurgeAsync(InternalIdentity caller, string? project, string? deployment, CancellationToken cancellationToken)
    {
        // 1. Whose. A caller of the whole factory who names nothing means everything.
        project = string.IsNullOrEmpty(project) ? caller.FactoryWide ? null : caller.Project ?? "" : project;
        if (project is not null && !caller.CoversProject(project))
        {
            return new Outcome<CachePurgeResponse>.Forbidden("The caller may purge the answers of its own project only.");
        }

        var now = time.GetUtcNow();
        var purge = new CachePurge { Id = Guid.CreateVersion7(now), Project = project, Before = now };
        if (!string.IsNullOrEmpty(deployment))
        {
            if (project is null)
            {
                return FieldErrors.Of<CachePurgeResponse>("project", "Name the project whose deployment it is.");
            }

            if (routes.Table?.RoutesOf(project).Find(deployment) is not { } found)
            {
                return Outcome<CachePurgeResponse>.Missed("deployment", deployment);
            }

            // Of one that another project shows to the factory, the answers to this project's callers alone.
            purge = purge with { Project = found.Project == project ? null : project, Deployment = found.Route.Id };
        }

        // 2. Here at once; in the database for all, and each gateway finds the order there.
        var removed = levels.Remove(purge);
        if (store is not null)
        {
            await store.OrderAsync(purge, cancellationToken);
            removed = Math.Max(removed, await store.DeleteAsync(purge, cancellationToken));
        }

        audit.Add(caller, Purged, "/api/cache");
        return new CachePurgeResponse(removed);
    }
}
