using AiFactory.Contracts.Builder.Flows;
using AiFactory.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AiFactory.Builder.Steps;

internal static class StepEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/builder/step-types", List).WithTags("Flows").RequirePermission(Permissions.FlowsRead);

    private static Ok<IEnumerable<StepTypeResponse>> List(StepCatalogue catalogue) => TypedResults.Ok(catalogue.All.Select(type => type.Description));
}
