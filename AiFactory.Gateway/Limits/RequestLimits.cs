using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Flows;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Metering;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Limits;

/// <summary>
/// Reserves of every limit what a request may take, before it is sent, and settles that with what it took, when it has ended. What is enough is there in most cases: then nothing
/// is waited for.
/// </summary>
internal sealed class RequestLimits(CurrentRoutes routes, Tallies tallies, PriceTable prices, LimitsTelemetry telemetry, IOptions<LimitsOptions> options, TimeProvider time)
{
    private readonly LimitsOptions _options = options.Value;

    /// <returns>Whether it may go on; if not, what the client is told, unless it has left.</returns>
    public ValueTask<(bool Admitted, OpenAIError? Refusal)> ReserveAsync(Exchange exchange) =>
        routes.Table?.Limits is { } table ? ReserveAsync(exchange, table) : ValueTask.FromResult<(bool, OpenAIError?)>((true, null));

    /// <summary>The exchange has ended, and its error says how.</summary>
    public void Settle(Exchange exchange)
    {
        if (exchange.Reservation is { } reservation)
        {
            reservation.Settle(TakenBy(exchange, UsageMeter.OutcomeOf(exchange.Error), prices));
        }
    }

    /// <summary>As far as is known now.</summary>
    public static Taken TakenBy(Exchange exchange, UsageOutcome outcome, PriceTable prices) =>
        Taken.Of(outcome, FlowModel.IsNamedBy(exchange.Named.Name) ? null : exchange.UsageSoFar, exchange.Usage is not null, exchange.Reservation?.Estimate ?? default, exchange.Deployment, prices);

    private async ValueTask<(bool Admitted, OpenAIError? Refusal)> ReserveAsync(Exchange exchange, LimitTable table)
    {
        var project = ModelCallers.ProjectOf(exchange.Context.Request, exchange.Caller) ?? exchange.Named.Project;
        var (ofProject, ofFactory) = table.Of(project);
        var reservation = new Reservation(Guid.Empty, LimitEstimate.Of(exchange, _options.UsualOutputTokens));
        foreach (var limits in (ReadOnlySpan<Limit[]>)[ofProject, ofFactory])
        {
            foreach (var limit in limits)
            {
                if (OwnerOf(limit, project, exchange) is not { } owner)
                {
                    continue;
                }

                var tally = tallies.Find(limit, owner, out _);
                var units = UnitsOf(limit, reservation.Estimate, exchange.Named);
                if (!tally.TryReserve(units, out _))
                {
                    reservation.GiveBack();
                    return (false, Refuse(exchange, tally, units));
                }

                reservation.Add(new Hold(tally, units));
            }
        }

        if (reservation.Holds.Count > 0)
        {
            exchange.Reservation = reservation;
            exchange.Context.Response.OnStarting(WriteHeadersAsync, exchange);
        }

        return (true, null);
    }

    /// <summary>
    /// A flow's own request takes no tokens and no money: those are of its model calls, which come through this door in the builder's name, and which in turn are no requests of
    /// their own, or one flow would count many times and could wait for a place that it holds itself.
    /// </summary>
    private static string? OwnerOf(Limit limit, string project, Exchange exchange)
    {
        if (limit.Model is { } model && model != exchange.Named.Name)
        {
            return null;
        }

        var skips = limit.Measure is LimitMeasure.Tokens or LimitMeasure.Cost ? FlowModel.IsNamedBy(exchange.Named.Name) : BuilderCallers.Includes(exchange.Caller.Identity);
        return skips ? null : limit.OwnerOf(project, exchange.Caller);
    }

    /// <summary>Never more than the whole: what no limit could ever have room for is let in when all of it is free.</summary>
    private long UnitsOf(Limit limit, in LimitEstimate estimate, Deployment deployment) => Math.Min(limit.Amount, limit.Measure switch
    {
        LimitMeasure.Tokens => estimate.Input + (limit.IsQuota ? estimate.MostOutput : estimate.Output),
        LimitMeasure.Cost => prices.CostOf(deployment, new TokenUsage(estimate.Input, estimate.MostOutput)) ?? 0,
        _ => 1,
    });

    private OpenAIError Refuse(Exchange exchange, Tally tally, long units)
    {
        var now = time.GetUtcNow();
        telemetry.Refused(tally.Limit);
        LimitHeaders.Write(exchange.Context.Response.Headers, tally, now);
        return LimitRefusals.Reached(tally, units, now, prices.Currency);
    }

    private Task WriteHeadersAsync(object state)
    {
        var exchange = (Exchange)state;
        if (exchange.Reservation is { } reservation)
        {
            LimitHeaders.Write(exchange.Context.Response.Headers, reservation.Holds, time.GetUtcNow());
        }

        return Task.CompletedTask;
    }
}
