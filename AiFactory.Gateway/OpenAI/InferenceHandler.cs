using System.Runtime.CompilerServices;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Flows;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.Limits;
using AiFactory.Gateway.Metering;
using AiFactory.Gateway.Routing;
using AiFactory.Gateway.SubRequests;
using AiFactory.Gateway.Telemetry;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.OpenAI;

/// <summary>A request to a model. It passes each room once: who calls, what is asked, which deployment, and the answer.</summary>
internal sealed class InferenceHandler(
    ModelCallers callers,
    Forwarder forwarder,
    FlowForwarder flowForwarder,
    FlowClient flows,
    RequestGuard guard,
    RequestLimits limits,
    UsageMeter meter,
    GatewayTelemetry telemetry,
    IOptions<ForwardingOptions> options,
    TimeProvider time)
{
    private readonly int _bodyLimit = options.Value.MaxRequestBodyBytes;
    private readonly TimeSpan _total = options.Value.TotalTimeout;

    public async Task InvokeAsync(HttpContext context, Operation operation)
    {
        // 1. Who calls, and whether they may.
        var error = callers.Find(context, out var caller, out var models);
        if (error is not null || caller is null || models is null)
        {
            await RejectAsync(context, error ?? OpenAIError.MissingKey);
            return;
        }

        // 2. What is asked. The body is rented here and given back with the exchange.
        if (context.Request.Headers.ContentEncoding is not [] and not ["identity"])
        {
            await RejectAsync(context, OpenAIError.ContentEncoding);
            return;
        }

        RequestBody? read;
        try
        {
            read = await RequestBody.ReadAsync(context.Request, _bodyLimit, context.RequestAborted);
        }
        catch (IOException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client left in the middle of its request.
            return;
        }

        if (read is not { } body)
        {
            await RejectAsync(context, OpenAIError.TooLarge(_bodyLimit));
            return;
        }

        // 3. Which deployment.
        error = Resolve(context.Request, body.Span, caller, models, operation, out var deployment, out var place, out var stream, out var usage, out var bound);
        if (error is not null || deployment is null)
        {
            body.Dispose();
            await RejectAsync(context, error ?? OpenAIError.MissingModel);
            return;
        }

        // 4. A stream tells its usage, also where the client does not ask: then the client does not see it.
        var filters = stream && usage.IsNeeded && meter.AsksUsage(operation, deployment);
        if (filters)
        {
            body.Splice(usage.At, usage.Removed, usage.Text);
            place = place.After(usage);
        }

        await AnswerAsync(context, operation, caller, deployment, body, place, stream, bound, filters ? new UsageEventFilter() : null, models);
    }

    /// <summary>What the gateway itself asks to answer another request: who may make that one may have this one made, whatever models a key has.</summary>
    /// <param name="total">For all of it, and half of that for one replica; null for as long as anybody's.</param>
    public async Task AskAsync(HttpContext context, Operation operation, PartOf whole, Deployment deployment, TimeSpan? total)
    {
        if (await RequestBody.ReadAsync(context.Request, _bodyLimit, context.RequestAborted) is { } body)
        {
            var (place, bound) = HeadOf(body.Span);
            await AnswerAsync(context, operation, whole.Caller, deployment, body, place, stream: false, bound, filter: null, models: null, whole, total);
        }
    }

    private static (ModelPlace Place, OutputBound Bound) HeadOf(ReadOnlySpan<byte> body)
    {
        Span<char> buffer = stackalloc char[RequestHead.LongestModel];
        return RequestHead.Read(body, buffer, out var head) is null ? (head.ModelPlace, head.Bound) : default;
    }

    /// <summary>What limits and rules say of it, the answer, and what is to be said of that.</summary>
    /// <param name="models">Whose rules hold; null where it is a part of a request that was held against them.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AnswerAsync(
        HttpContext context, Operation operation, Caller caller, Deployment deployment, RequestBody body, ModelPlace place, bool stream, OutputBound bound, UsageEventFilter? filter, ProjectRoutes? models, PartOf? whole = null, TimeSpan? total = null)
    {
        using var span = telemetry.StartOperation(operation, deployment);
        using var exchange = new Exchange(context, operation, caller, deployment, body, stream, span, total < _total ? total.Value : _total, time)
        {
            Meter = meter, Filter = filter, ModelPlace = place, Bound = bound, IsPart = whole is not null, ReservedBefore = whole?.Reserved, MostOfAttempt = total / 2,
        };

        // 5. What it may take is reserved of its limits.
        var (admitted, refusal) = await limits.ReserveAsync(exchange);
        if (!admitted)
        {
            await (refusal is null ? Task.CompletedTask : TurnAwayAsync(context, deployment, refusal));
            return;
        }

        try
        {
            // 6. What the rules say of it, where there are rules: behind the limits, for a look at long texts is work.
            if (models is not null && ProjectGuardrails.Of(models, caller, deployment) is { } policy)
            {
                var (passes, error) = await guard.CheckAsync(exchange, policy, models.Project);
                if (!passes)
                {
                    exchange.Reservation?.GiveBack();
                    await (error is null ? Task.CompletedTask : TurnAwayAsync(context, deployment, error));
                    return;
                }
            }

            if (!meter.Begin(exchange))
            {
                exchange.Reservation?.GiveBack();
                await RejectAsync(context, OpenAIError.NotMetered);
                return;
            }
        }
        catch
        {
            // A place among requests at once would be gone until the gateway's next start.
            exchange.Reservation?.GiveBack();
            throw;
        }

        // 7. The answer.
        telemetry.Began(operation);
        var returned = false;
        try
        {
            await (FlowModel.IsNamedBy(deployment.Name) ? new ValueTask(flowForwarder.ForwardAsync(exchange)) : forwarder.ForwardAsync(exchange));
            returned = true;
        }
        finally
        {
            exchange.Error ??= returned ? null : "internal";
            exchange.Guarding?.Describe(span);
            var times = exchange.Times;
            exchange.Deployment.Counts.Ended(exchange, times);
            telemetry.Ended(span, operation, exchange.Deployment, exchange.Replica, times, exchange.IsFromCache ? null : exchange.Usage, exchange.Error);
            limits.Settle(exchange);
            meter.End(exchange);
        }
    }

    private OpenAIError? Resolve(
        HttpRequest request,
        ReadOnlySpan<byte> body,
        Caller caller,
        ProjectRoutes models,
        Operation operation,
        out Deployment? deployment,
        out ModelPlace place,
        out bool stream,
        out UsageSplice usage,
        out OutputBound bound)
    {
        Span<char> buffer = stackalloc char[RequestHead.LongestModel];
        deployment = null;
        place = default;
        stream = false;
        usage = default;
        bound = default;
        if (RequestHead.Read(body, buffer, out var head) is { } malformed)
        {
            return malformed;
        }

        place = head.ModelPlace;
        stream = head.Stream;
        usage = head.Usage;
        bound = head.Bound;
        if (callers.CheckScope(request.HttpContext, caller, head.Model, operation) is { } beyond)
        {
            return beyond;
        }

        if ((FlowModel.IsNamedBy(head.Model) ? FindFlow(request, head.Model.ToString(), caller) : models.Find(head.Model)) is not { } found)
        {
            return callers.NotFound(request.HttpContext, caller, models, head.Model.ToString());
        }

        if (FlowModel.IsNamedBy(found.Name) && BuilderCallers.Includes(caller.Identity))
        {
            return OpenAIError.FlowInFlow(found.Name);
        }

        if (!operation.Tasks.Contains(found.Route.Task) || (operation != Operation.ChatCompletion && FlowModel.IsNamedBy(found.Name)))
        {
            return OpenAIError.TaskNotSupported(found.Name, FlowModel.IsNamedBy(found.Name) ? "flow" : found.Route.Task, operation.Path);
        }

        if (found.Upstream?.Answers(operation) is false)
        {
            return OpenAIError.NotByUpstream(found.Name, operation.Path);
        }

        deployment = found;
        return null;
    }

    /// <summary>Whether there is such a flow, the builder knows.</summary>
    private Deployment? FindFlow(HttpRequest request, string name, Caller caller) =>
        flows.IsConfigured && ModelCallers.ProjectOf(request, caller) is { } project ? FlowModel.Of(name, project) : null;

    /// <summary>A limit or a rule stopped it before any model was asked.</summary>
    private Task TurnAwayAsync(HttpContext context, Deployment deployment, OpenAIError error)
    {
        deployment.Counts.TurnAway();
        return RejectAsync(context, error);
    }

    private Task RejectAsync(HttpContext context, OpenAIError error)
    {
        telemetry.Rejected(error.Reason);
        return OpenAIErrorWriter.WriteAsync(context, error);
    }
}
