using AiFactory.ServiceDefaults.Identity;
using AiFactory.ServiceDefaults.Outcomes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.Gateway.Guardrails.Trials;

internal static class TrialEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/api/guardrails/try", Try).RequirePermission(Permissions.GuardrailsRead).WithTags("Guardrails");

    private static async Task<Results<Ok<TrialResponse>, ProblemHttpResult>> Try(TrialRequest request, HttpContext context, TrialService service) =>
        (await service.TryAsync(context, request)).ToOk(response => response);
}
