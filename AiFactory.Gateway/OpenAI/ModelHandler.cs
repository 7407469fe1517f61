using AiFactory.Gateway.Telemetry;

namespace AiFactory.Gateway.OpenAI;

/// <summary>The models that the caller may name now.</summary>
internal sealed class ModelHandler(ModelCallers callers, GatewayTelemetry telemetry)
{
    public Task ListAsync(HttpContext context)
    {
        var error = callers.Find(context, out _, out var models);
        return error is not null || models is null
            ? RejectAsync(context, error ?? OpenAIError.MissingKey)
            : context.Response.WriteAsJsonAsync(ModelList.From(models), OpenAIJson.Default.ModelList, cancellationToken: context.RequestAborted);
    }

    public Task GetAsync(HttpContext context)
    {
        var error = callers.Find(context, out _, out var models);
        if (error is not null || models is null)
        {
            return RejectAsync(context, error ?? OpenAIError.MissingKey);
        }

        var name = context.Request.RouteValues["model"] as string ?? "";
        return models.Find(name) is { Replicas.Length: > 0 } deployment
            ? context.Response.WriteAsJsonAsync(ModelEntry.From(deployment), OpenAIJson.Default.ModelEntry, cancellationToken: context.RequestAborted)
            : RejectAsync(context, OpenAIError.ModelNotFound(name));
    }

    private Task RejectAsync(HttpContext context, OpenAIError error)
    {
        telemetry.Rejected(error.Reason);
        return OpenAIErrorWriter.WriteAsync(context, error);
    }
}
