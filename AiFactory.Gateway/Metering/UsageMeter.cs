using System.Buffers;
using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Caching;
using AiFactory.Gateway.Flows;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.Limits;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Metering;

/// <summary>
/// Keeps one record of each request to a model, however it ends. It is written when the request begins, again when more is known, and at its end: of a gateway
/// that is killed in between, the ledger gets what was written last. Nothing here waits for a disk or a database.
/// </summary>
internal sealed class UsageMeter(UsageOutbox outbox, PriceTable prices, MeteringTelemetry telemetry, IOptions<MeteringOptions> options, TimeProvider time)
{
    private readonly MeteringOptions _options = options.Value;

    /// <summary>Whether a stream of this operation is asked for its usage, to be metered or to be kept as a whole answer. The other operations tell it unasked.</summary>
    public bool AsksUsage(Operation operation, Deployment deployment) =>
        _options.AskUsage && (outbox.File is not null || deployment.Route.Cache is { Responses: true }) && (operation == Operation.ChatCompletion || operation == Operation.Completion);

    /// <summary>The request goes to a model now.</summary>
    /// <returns>False when no record of it can be kept and the settings do not allow that.</returns>
    public bool Begin(Exchange exchange)
    {
        if (outbox.File is null)
        {
            return true;
        }

        var (now, deployment) = (time.GetUtcNow(), exchange.Deployment);
        var project = ModelCallers.ProjectOf(exchange.Context.Request, exchange.Caller) ?? deployment.Project;
        exchange.Metered = new MeteredRequest(Guid.CreateVersion7(now), now, project, deployment.Name);
        if (Append(UsageEntryKind.Open, Describe(exchange, exchange.Metered, ended: false)) || _options.ServeUnmetered)
        {
            return true;
        }

        exchange.Metered = null;
        return false;
    }

    /// <summary>More is known of it, and it goes on.</summary>
    public void Note(Exchange exchange)
    {
        if (exchange.Metered is { } metered)
        {
            Append(UsageEntryKind.Open, Describe(exchange, metered, ended: false));
        }
    }

    /// <summary>It has ended, and its <see cref="Exchange.Error"/> says how.</summary>
    public void End(Exchange exchange)
    {
        if (exchange.Metered is not { } metered)
        {
            return;
        }

        if (Append(UsageEntryKind.Ended, Describe(exchange, metered, ended: true)))
        {
            telemetry.Kept();
        }
        else
        {
            telemetry.Lost("no_room");
        }
    }

    public static UsageOutcome OutcomeOf(string? error) => error switch
    {
        null => UsageOutcome.Answered,
        "client_left" => UsageOutcome.ClientLeft,
        ['4', _, _] or "model_revoked" or "model_not_found" or GuardrailError.Code => UsageOutcome.Refused,
        _ when error.EndsWith("_timeout", StringComparison.Ordinal) => UsageOutcome.Deadline,
        _ => UsageOutcome.Failed,
    };

    /// <summary>An answer that goes to another protocol's handler never starts, but ends.</summary>
    private static int StatusOf(Exchange exchange, bool ended) => exchange switch
    {
        { Context.Response: { HasStarted: true, StatusCode: var sent } } => sent,
        { Error: "client_left" } => 0,
        { Error: "internal" } => StatusCodes.Status500InternalServerError,
        _ => ended ? exchange.Context.Response.StatusCode : 0,
    };

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    private UsageRecord Describe(Exchange exchange, MeteredRequest metered, bool ended)
    {
        var deployment = exchange.Deployment;
        var times = exchange.Times;
        // A flow's tokens are those of the models that it calls, through this door: each of these calls has its own record.
        var flow = FlowModel.IsNamedBy(metered.Model);
        var outcome = ended ? OutcomeOf(exchange.Error) : UsageOutcome.Interrupted;
        var usage = flow ? null : RequestLimits.UsageOf(exchange, outcome);
        var identity = exchange.Caller.Identity;
        return new UsageRecord
        {
            Id = metered.Id,
            At = metered.At,
            Project = metered.Project,
            KeyId = exchange.Caller.KeyId,
            Subject = identity.Subject,
            Operation = flow ? "flows" : exchange.Operation.Route,
            RequestedModel = metered.Model,
            Deployment = flow ? metered.Model : deployment.Name,
            DeploymentId = flow || deployment.Route.Id == Guid.Empty ? null : deployment.Route.Id,
            Model = flow ? null : deployment.Route.Model,
            ModelVersion = flow ? null : deployment.Route.ModelVersion,
            Replica = exchange.Replica?.Id,
            RequestId = exchange.Context.TraceIdentifier,
            Stream = exchange.Stream,
            Attempts = exchange.Tries.Count,
            PromptTokens = usage?.Input,
            CachedTokens = usage?.Cached,
            CompletionTokens = usage?.Output,
            Images = usage?.Images,
            Estimated = usage is not null && usage != exchange.Usage,
            Outcome = outcome,
            Error = ended ? exchange.Error : null,
            Status = StatusOf(exchange, ended),
            QueuedMicros = Micros(exchange.Queued),
            FirstTokenMicros = times.FirstToken is { } first ? Micros(first) : null,
            TotalMicros = Micros(times.Total),
            CostMicros = flow ? null : prices.CostOf(deployment, usage),
            PriceVersion = prices.Version,
            Cache = CacheMarks.NameOf(exchange.Cache),
            Charges = exchange.Reservation?.Charges(RequestLimits.TakenBy(exchange, outcome, prices)),
            Guardrails = exchange.Guarding?.Marks,
            Variant = exchange.Variant,
            RolloutStep = exchange.RolloutStep,
        };
    }

    private bool Append(UsageEntryKind kind, in UsageRecord record)
    {
        if (outbox.File is not { } file)
        {
            return false;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(UsageEntry.LongestEntry);
        var kept = file.TryAppend(buffer.AsSpan(0, UsageEntry.Write(kind, record, buffer)), out var wake);
        ArrayPool<byte>.Shared.Return(buffer);
        if (wake)
        {
            outbox.Wake.Raise();
        }

        return kept;
    }
}
