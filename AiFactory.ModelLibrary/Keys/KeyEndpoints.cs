using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Projects;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.ModelLibrary.Keys;

internal static class KeyEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapProjectGroup("keys", "Keys");
        group.MapGet("", List).RequirePermission(Permissions.KeysRead);
        group.MapPost("", Create).RequirePermission(Permissions.KeysWrite);
        group.MapPost("{id:guid}/rotate", Rotate).RequirePermission(Permissions.KeysWrite);
        group.MapDelete("{id:guid}", Revoke).RequirePermission(Permissions.KeysWrite);
    }

    private static async Task<Results<Ok<Page<ApiKeyResponse>>, ProblemHttpResult>> List(
        string project, KeyService service, string? after, int? limit, CancellationToken cancellationToken) =>
        (await service.ListAsync(project, after, limit, cancellationToken)).ToOk(page => page);

    private static async Task<Results<Created<ApiKeyCreated>, ProblemHttpResult>> Create(
        string project, ApiKeyRequest request, HttpContext context, KeyService service, CancellationToken cancellationToken)
    {
        // The answer holds the secret: nothing on the way may keep it.
        context.Response.Headers.CacheControl = "no-store";
        return (await service.CreateAsync(project, request, context.GetIdentity(), cancellationToken))
            .ToCreated(created => created, created => $"/api/library/projects/{project}/keys/{created.Key.Id}");
    }

    private static async Task<Results<Created<ApiKeyCreated>, ProblemHttpResult>> Rotate(
        string project, Guid id, KeyRotationRequest? request, HttpContext context, KeyRotation rotation, CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        return (await rotation.RotateAsync(project, id, request ?? new KeyRotationRequest(null, null), context.GetIdentity(), cancellationToken))
            .ToCreated(created => created, created => $"/api/library/projects/{project}/keys/{created.Key.Id}");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Revoke(
        string project, Guid id, HttpContext context, KeyService service, CancellationToken cancellationToken) =>
        (await service.RevokeAsync(project, id, context.GetIdentity(), cancellationToken)).ToNoContent();
}
