using AiFactory.Contracts.Library;
using AiFactory.ModelLibrary.Projects;
using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.ModelLibrary.Guardrails;

/// <summary>The rules of three levels, with the same two routes each. They are saved whole: an empty list takes them away.</summary>
internal static class GuardrailEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        var factory = routes.MapGroup("/api/library/guardrails").WithTags("Guardrails");
        factory.MapGet("", Get).RequireFactoryPermission(Permissions.GuardrailsRead);
        factory.MapPut("", Save).RequireFactoryPermission(Permissions.GuardrailsWrite);
        foreach (var path in (string[])["guardrails", "deployments/{deployment}/guardrails"])
        {
            var group = routes.MapProjectGroup(path, "Guardrails");
            group.MapGet("", Get).RequirePermission(Permissions.GuardrailsRead);
            group.MapPut("", Save).RequirePermission(Permissions.GuardrailsWrite);
        }
    }

    private static async Task<Ok<GuardrailPolicyResponse>> Get(HttpContext context, GuardrailService service, CancellationToken cancellationToken) =>
        TypedResults.Ok(await service.FindAsync(Level(context, "project"), Level(context, "deployment"), cancellationToken));

    private static async Task<Results<Ok<GuardrailPolicyResponse>, ProblemHttpResult>> Save(
        GuardrailPolicyRequest request, HttpContext context, GuardrailService service, CancellationToken cancellationToken) =>
        (await service.SaveAsync(Level(context, "project"), Level(context, "deployment"), request, context.GetIdentity(), cancellationToken)).ToOk(policy => policy);

    /// <summary>Null on the routes of a level above.</summary>
    private static string? Level(HttpContext context, string name) => context.GetRouteValue(name) as string;
}
