using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Flows;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.Telemetry;

namespace AiFactory.Gateway.OpenAI;

/// <summary>The models that the caller may name now: deployments, and published flows.</summary>
internal sealed class ModelHandler(ModelCallers callers, FlowCatalogue flows, GatewayTelemetry telemetry)
{
    public async Task ListAsync(HttpContext context)
    {
        var error = callers.Find(context, out var caller, out var models);
        if (error is not null || caller is null || models is null)
        {
            await RejectAsync(context, error ?? OpenAIError.MissingKey);
            return;
        }

        var list = ModelList.From(models, await FlowsAsync(context, caller), caller.Scope);
        await context.Response.WriteAsJsonAsync(list, OpenAIJson.Default.ModelList, cancellationToken: context.RequestAborted);
    }

    public async Task GetAsync(HttpContext context)
    {
        var error = callers.Find(context, out var caller, out var models);
        if (error is not null || caller is null || models is null)
        {
            await RejectAsync(context, error ?? OpenAIError.MissingKey);
            return;
        }

        // A slash that was escaped is still so in the route's value.
        var name = (context.Request.RouteValues["model"] as string ?? "").Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
        if (callers.CheckScope(context, caller, name, operation: null) is { } beyond)
        {
            await RejectAsync(context, beyond);
            return;
        }

        if (await FindAsync(context, caller, models, name) is not { } entry)
        {
            await RejectAsync(context, callers.NotFound(context, caller, models, name));
            return;
        }

        await context.Response.WriteAsJsonAsync(entry, OpenAIJson.Default.ModelEntry, cancellationToken: context.RequestAborted);
    }

    private async Task<ModelEntry?> FindAsync(HttpContext context, Caller caller, ProjectRoutes models, string name)
    {
        if (FlowModel.IsNamedBy(name))
        {
            return (await FlowsAsync(context, caller)).FirstOrDefault(flow => flow.Id == name);
        }

        return models.Find(name) is { Replicas.Length: > 0 } deployment ? ModelEntry.From(deployment) : null;
    }

    private Task<IReadOnlyList<ModelEntry>> FlowsAsync(HttpContext context, Caller caller) =>
        flows.ListAsync(caller, ModelCallers.ProjectOf(context.Request, caller), context.RequestAborted);

    private Task RejectAsync(HttpContext context, OpenAIError error)
    {
        telemetry.Rejected(error.Reason);
        return OpenAIErrorWriter.WriteAsync(context, error);
    }
}
