using System.Globalization;
using System.Text.Json;
using AiFactory.Contracts;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.SubRequests;
using AiFactory.Gateway.Telemetry;
using AiFactory.ServiceDefaults.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.KServe;

/// <summary>What a model is and what it infers, the replica says; whether it is ready and which versions there are, the routing table does: a replica knows of itself alone.</summary>
internal sealed class KServeHandler(
    ModelCallers callers, InferenceHandler inference, HealthCheckService health, IHostApplicationLifetime lifetime, GatewayTelemetry telemetry, IOptions<ForwardingOptions> options)
{
    private static readonly string[] Tasks = [ModelTasks.Chat, ModelTasks.Embedding, ModelTasks.Rerank];
    private static readonly Operation Inference = new(Operation.NoIndex, "infer", $"v2/models/{Operation.ModelInPath}/infer", Tasks) { IsOptional = true };
    private static readonly Operation Description = new(Operation.NoIndex, "describe", $"v2/models/{Operation.ModelInPath}", Tasks) { IsOptional = true, Method = HttpMethods.Get, Scope = ModelOperations.Infer };

    public static Task LiveAsync(HttpContext context) => KServeJson.WriteAsync(context, StatusCodes.Status200OK, json => json.WriteBoolean("live"u8, true));

    public static Task RefuseAsync(HttpContext context) =>
        KServeJson.WriteErrorAsync(context, OpenAIError.Of(StatusCodes.Status404NotFound, $"There is no route {context.Request.Method} {context.Request.Path}.", "invalid_request_error"));

    /// <summary>The protocol says "not ready" by a status of 4xx.</summary>
    public async Task ReadyAsync(HttpContext context)
    {
        var isReady = !lifetime.ApplicationStopping.IsCancellationRequested
            && (await health.CheckHealthAsync(check => check.Tags.Contains(HealthTags.Ready), context.RequestAborted)).Status != HealthStatus.Unhealthy;
        await KServeJson.WriteAsync(context, isReady ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest, json => json.WriteBoolean("ready"u8, isReady));
    }

    public async Task DescribeAsync(HttpContext context)
    {
        if (callers.Find(context, out _, out _) is { } error)
        {
            await RejectAsync(context, error);
            return;
        }

        await KServeJson.WriteAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteString("name"u8, GatewayTelemetry.Name);
            json.WriteString("version"u8, typeof(KServeHandler).Assembly.GetName().Version?.ToString(3) ?? "0.0.0");
            json.WriteStartArray("extensions"u8);
            json.WriteEndArray();
        });
    }

    public async Task ModelReadyAsync(HttpContext context)
    {
        var error = Find(context, out var deployment);
        if (error is not null || deployment is null)
        {
            await RejectAsync(context, error ?? OpenAIError.NotReady);
            return;
        }

        var isReady = deployment.Replicas.Length > 0;
        await KServeJson.WriteAsync(context, isReady ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest, json =>
        {
            json.WriteString("name"u8, deployment.Name);
            json.WriteBoolean("ready"u8, isReady);
        });
    }

    public Task InferAsync(HttpContext context) => ForwardAsync(context, Inference);

    public Task DescribeModelAsync(HttpContext context) => ForwardAsync(context, Description);

    private async Task ForwardAsync(HttpContext context, Operation asked)
    {
        var error = Find(context, out var deployment);
        if (error is not null || deployment is null)
        {
            await RejectAsync(context, error ?? OpenAIError.NotReady);
            return;
        }

        // 1. The body, byte for byte: the tensors are the replica's to read.
        RequestBody? read;
        try
        {
            read = await RequestBody.ReadAsync(context.Request, options.Value.MaxRequestBodyBytes, context.RequestAborted);
        }
        catch (IOException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        if (read is not { } body)
        {
            await RejectAsync(context, OpenAIError.TooLarge(options.Value.MaxRequestBodyBytes));
            return;
        }

        // 2. There and back. The gateway's own refusals come in OpenAI's words, and go out in KServe's.
        using (body)
        {
            var operation = asked with { Body = new ArraySegment<byte>(body.Buffer, 0, body.Length) };
            var answer = new WholeAnswer();
            var inner = SubRequest.Create(context, operation, KServeJson.NameModel(deployment.Name), answer, context.RequestAborted);
            await inference.InvokeAsync(inner, operation);
            await SubRequest.EndAsync(inner);
            await AnswerAsync(context, answer);
        }
    }

    private static async Task AnswerAsync(HttpContext context, WholeAnswer answer)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        answer.CopyHeaders(context.Response);
        using var document = answer.Status >= StatusCodes.Status400BadRequest ? answer.Parse() : null;
        if (answer.IsBroken || (document is not null && document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty("error"u8, out var said) && said.ValueKind == JsonValueKind.Object))
        {
            await KServeJson.WriteErrorAsync(context, answer.IsBroken ? OpenAIError.UpstreamBroke : AnsweredError.Of(answer.Status, document?.RootElement));
            return;
        }

        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.Headers.ContentType;
        context.Response.ContentLength = answer.Body.Length;
        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }

    private OpenAIError? Find(HttpContext context, out Deployment? deployment)
    {
        deployment = null;
        var error = callers.Find(context, out var caller, out var models);
        if (error is not null || caller is null || models is null)
        {
            return error ?? OpenAIError.MissingKey;
        }

        var name = context.Request.RouteValues["name"] as string ?? "";
        if (callers.CheckScope(context, caller, name, Inference) is { } beyond)
        {
            return beyond;
        }

        if (models.Find(name) is not { } found || !Tasks.Contains(found.Route.Task))
        {
            return callers.NotFound(context, caller, models, name);
        }

        if (context.Request.RouteValues["version"] is string version && version != found.Route.ModelVersion.ToString(CultureInfo.InvariantCulture))
        {
            return OpenAIError.Of(StatusCodes.Status404NotFound, $"The model '{name}' has no version '{version}' here.", "invalid_request_error", code: "model_not_found");
        }

        deployment = found;
        return null;
    }

    private Task RejectAsync(HttpContext context, OpenAIError error)
    {
        telemetry.Rejected(error.Reason);
        return KServeJson.WriteErrorAsync(context, error);
    }
}
