using AiFactory.Gateway.Usage;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.Gateway.Variants;

/// <summary>The variants of a name compared, from the ledger, and scores for them.</summary>
internal static class VariantEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var usage = routes.MapGroup("/api/usage").AddEndpointFilter(UsageEndpoints.AnswerAwayAsync).WithTags("Usage");
        usage.MapGet("variants", Compare).RequirePermission(Permissions.UsageRead);
        usage.MapPost("scores", Score).RequirePermission(Permissions.InferenceInvoke);
    }

    private static async Task<Results<Ok<VariantReport>, ProblemHttpResult>> Compare(
        HttpContext context, VariantService service, [AsParameters] UsageQuery query, CancellationToken cancellationToken) =>
        (await service.CompareAsync(context.GetIdentity(), query, cancellationToken)).ToOk(report => report);

    private static async Task<Results<NoContent, ProblemHttpResult>> Score(
        HttpContext context, VariantService service, ScoreRequest request, CancellationToken cancellationToken) =>
        (await service.ScoreAsync(context.GetIdentity(), request, cancellationToken)).ToNoContent();
}
