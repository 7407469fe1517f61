using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Projects;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.ModelLibrary.Models;

internal static class ModelEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var models = routes.MapProjectGroup("models", "Models");
        models.MapGet("", List).RequirePermission(Permissions.ModelsRead);

        // A model's name may hold slashes.
        models.MapGet("{**name}", Get).RequirePermission(Permissions.ModelsRead);

        var versions = routes.MapProjectGroup("versions", "Models");
        versions.MapGet("{id:guid}", GetVersion).RequirePermission(Permissions.ModelsRead);
    }

    private static async Task<Results<Ok<Page<ModelResponse>>, ProblemHttpResult>> List(
        string project, ModelService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(project, after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Results<Ok<ModelResponse>, ProblemHttpResult>> Get(
        string project, string name, ModelService service, CancellationToken cancellationToken) =>
        (await service.FindAsync(project, name, cancellationToken)).ToOk(model => model);

    private static async Task<Results<Ok<ModelVersionResponse>, ProblemHttpResult>> GetVersion(
        string project, Guid id, ModelService service, CancellationToken cancellationToken) =>
        (await service.FindVersionAsync(project, id, cancellationToken)).ToOk(version => version);
}
