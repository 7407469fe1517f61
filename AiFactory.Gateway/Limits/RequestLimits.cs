using AiFactory.Gateway.Authentication;
using AiFactory.Gateway.Batches.Running;
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
internal sealed class RequestLimits(CurrentRoutes routes, Tallies tallies, LeaseBook book, PriceTable prices, LimitsTelemetry telemetry, TrafficRouter traffic, IOptions<LimitsOptions> options, TimeProvider time)
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

    /// <summary>What it used as far as is known now, to limits and to the ledger alike.</summary>
    public static TokenUsage? UsageOf(Exchange exchange, UsageOutcome outcome)
    {
        var usage = exchange.UsageSoFar;
        if (outcome == UsageOutcome.ClientLeft && exchange.Tries.Count > 0)
        {
            // Who leaves before anything came has had a replica work for it all the same, and images are made also when nobody waits for them any more.
            var left = usage ?? new TokenUsage(null, 0);
            usage = ImagesOf(exchange) is { } asked && !(left.Images >= asked) ? left with { Images = asked } : left;
        }

        // Where the replica's word was not waited for, the prompt is taken as it was estimated: else leaving early would be free.
        return usage is { Input: null } used && exchange.Usage is null ? used with { Input = LimitEstimate.InputOf(exchange) } : usage;
    }

    /// <summary>As far as is known now.</summary>
    public static Taken TakenBy(Exchange exchange, UsageOutcome outcome, PriceTable prices) =>
        Taken.Of(outcome, FlowModel.IsNamedBy(exchange.Named.Name) ? null : UsageOf(exchange, outcome), exchange.Deployment, prices);

    private async ValueTask<(bool Admitted, OpenAIError? Refusal)> ReserveAsync(Exchange exchange, LimitTable table)
    {
        var project = ModelCallers.ProjectOf(exchange.Context.Request, exchange.Caller) ?? exchange.Named.Project;
        var own = exchange.Caller.Identity.Project ?? project;
        var reservation = new Reservation(book.Holder, LimitEstimate.Of(exchange, _options.UsualOutputTokens));
        if (exchange.Named.Route.Traffic is not null && !exchange.IsPart)
        {
            exchange.First = traffic.First(exchange);
        }

        foreach (var limit in table.Of(project, own))
        {
            if (OwnerOf(limit, project, exchange) is not { } owner)
            {
                continue;
            }

            if (exchange.ReservedBefore?.Has(limit, owner) == true)
            {
                // The request whose part it is was let in here, and holds what its part would wait for: what it takes is booked when it has ended.
                reservation.Add(new Hold(Current(limit, owner), 0));
                continue;
            }

            var units = UnitsOf(limit, reservation.Estimate, exchange);
            var (tally, verdict) = await ReserveAsync(limit, owner, units, exchange.Context.RequestAborted);
            if (verdict != Verdict.Reserved)
            {
                reservation.GiveBack();
                return (false, exchange.ClientLeft ? null : Refuse(exchange, tally, units, verdict));
            }

            reservation.Add(new Hold(tally, units));
        }

        if (reservation.Holds.Count > 0)
        {
            exchange.Reservation = reservation;
            exchange.Context.Response.OnStarting(WriteHeadersAsync, exchange);
        }

        return (true, null);
    }

    private Tally Current(Limit limit, string owner)
    {
        var tally = tallies.Find(limit, owner, out var isNew);
        if (isNew && !book.IsAlone)
        {
            book.Ask(tally);
        }

        return tally;
    }

    /// <summary>At one limit. Only where too little is here it waits for what others have.</summary>
    private async ValueTask<(Tally Tally, Verdict Verdict)> ReserveAsync(Limit limit, string owner, long units, CancellationToken left)
    {
        while (true)
        {
            var tally = tallies.Find(limit, owner, out var isNew);
            var reserved = tally.TryReserve(units, out var isLow);
            if ((isNew || isLow) && !book.IsAlone)
            {
                book.Ask(tally);
            }

            if (!reserved && tally.IsClosed)
            {
                // Its window has just ended.
                continue;
            }

            if (reserved || book.IsAlone)
            {
                return (tally, reserved ? Verdict.Reserved : Verdict.Exhausted);
            }

            var verdict = book.IsAway ? Verdict.Unknown : await WaitAsync(tally, units, left);
            if (verdict == Verdict.Unknown && tally.IsClosed && !left.IsCancellationRequested)
            {
                // Its window ended while this waited: the next one has room, or says that it has not.
                continue;
            }

            return (tally, verdict == Verdict.Unknown ? Alone(tally, units) : verdict);
        }
    }

    private async Task<Verdict> WaitAsync(Tally tally, long units, CancellationToken left)
    {
        var began = LeaseBook.Now;
        if (tally.Wait(units, began) is not { } waiter)
        {
            return Verdict.Exhausted;
        }

        book.Ask(tally);
        try
        {
            return await waiter.Verdict.WaitAsync(_options.Wait, TimeProvider.System, left);
        }
        catch (TimeoutException)
        {
            // Others did not give back in time; or the database has not said anything of this one, and nobody is told that it is used up.
            return tally.GiveUp(waiter) ?? (tally.GrantedAt < began ? Verdict.Unknown : Verdict.Exhausted);
        }
        catch (OperationCanceledException) when (left.IsCancellationRequested)
        {
            if (tally.GiveUp(waiter) == Verdict.Reserved)
            {
                tally.Settle(units, 0);
            }

            return Verdict.Exhausted;
        }
    }

    /// <summary>While nobody can be asked. A pace is kept by each gateway for its part; what costs money is served on the operator's word alone.</summary>
    private Verdict Alone(Tally tally, long units)
    {
        var limit = tally.Limit;
        if (limit.IsPace)
        {
            return tally.TryReserveAlone(units, Math.Max(1, limit.Amount / book.Gateways)) ? Verdict.Reserved : Verdict.Exhausted;
        }

        return _options.ServeWhenUnknown && tally.TryReserveAlone(units, long.MaxValue) ? Verdict.Reserved : Verdict.Unknown;
    }

    /// <summary>
    /// What rules judge takes no tokens and no money. Nor does a flow's own request: those are of its model calls, which come through this door in the builder's name, and which in turn are no requests of
    /// their own, or one flow would count many times and could wait for a place that it holds itself.
    /// </summary>
    private static string? OwnerOf(Limit limit, string project, Exchange exchange)
    {
        if (limit.Model is { } model && model != exchange.Named.Name && model != exchange.First?.Name)
        {
            return null;
        }

        var skips = limit.Measure is LimitMeasure.Tokens or LimitMeasure.Cost ? FlowModel.IsNamedBy(exchange.Named.Name) || exchange.Operation == Operation.RuleModeration : exchange.IsPart || BuilderCallers.Includes(exchange.Caller.Identity);
        return skips ? null : limit.OwnerOf(project, exchange.Caller);
    }

    /// <summary>Never more than the whole: what no limit could ever have room for is let in when all of it is free.</summary>
    private long UnitsOf(Limit limit, in LimitEstimate estimate, Exchange exchange) => Math.Min(limit.Amount, limit.Measure switch
    {
        LimitMeasure.Tokens => limit.IsQuota ? estimate.MostTokens : estimate.Input + estimate.Output,
        LimitMeasure.Cost => DearestOf(exchange, new TokenUsage(estimate.Input, estimate.MostOutput) { Images = ImagesOf(exchange) }),
        _ => 1,
    });

    /// <summary>As many as are asked for.</summary>
    private static long? ImagesOf(Exchange exchange) => exchange.Operation == Operation.Image ? Math.Max(1, exchange.Bound.Choices) : null;

    /// <summary>Whichever deployment answers in the end.</summary>
    private long DearestOf(Exchange exchange, TokenUsage most)
    {
        var named = exchange.Named;
        var dearest = prices.CostOf(named, most) ?? 0;
        if (named.Route.Traffic is { } policy)
        {
            foreach (var name in (policy.Splits ?? []).Select(split => split.Deployment).Concat(policy.Fallbacks ?? []))
            {
                dearest = traffic.Find(named, name, exchange.Operation) is { } other && prices.CostOf(other, most) is { } cost ? Math.Max(dearest, cost) : dearest;
            }
        }

        return dearest;
    }

    private OpenAIError Refuse(Exchange exchange, Tally tally, long units, Verdict verdict)
    {
        var now = time.GetUtcNow();
        telemetry.Refused(tally.Limit);
        LimitHeaders.Write(exchange.Context.Response.Headers, tally, now);
        if (tally.Limit.Measure == LimitMeasure.Concurrency && exchange.Context.Features.Get<WorkOwner>() is { } work)
        {
            work.IsCrowded = true;
        }

        return verdict == Verdict.Unknown ? LimitRefusals.Unknown(tally) : LimitRefusals.Reached(tally, units, now, prices.Currency);
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
