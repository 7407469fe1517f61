using AiFactory.Contracts.Routing;
using AiFactory.Gateway.OpenAI;
using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Forwarding;

/// <summary>Which deployment answers a request that names one with a <see cref="TrafficPolicy"/>.</summary>
internal sealed class TrafficRouter(CurrentRoutes routes, SoonestChooser chooser)
{
    private const string ByCaller = "caller";
    private const string ByHeader = "header:";

    /// <summary>The one that is asked first.</summary>
    public Deployment First(Exchange exchange)
    {
        var named = exchange.Named;
        exchange.Chosen = named.Route.Id;
        if (named.Route.Traffic is not { Splits: { Count: > 0 } splits } policy)
        {
            return named;
        }

        var whose = Whose(exchange, policy.StickyBy);
        if (whose is null && policy.Strategy == TrafficStrategies.Latency && Soonest(exchange, splits) is { } soonest)
        {
            exchange.Chosen = soonest.Route.Id;
            return soonest;
        }

        exchange.VariantReason = whose is null ? VariantReason.Share : VariantReason.Sticky;
        var point = Point(exchange, whose);
        foreach (var split in splits)
        {
            if (point < split.Percent)
            {
                var first = Find(named, split.Deployment, exchange.Operation) ?? Instead(named, splits, exchange.Operation);
                // Whoever answers in its place: a request that it could not answer is its failure.
                exchange.Chosen = routes.Table?.RoutesOf(named.Project).Find(split.Deployment) is { } meant && meant.Project == named.Project ? meant.Route.Id : first.Route.Id;
                return first;
            }

            point -= split.Percent;
        }

        return named;
    }

    /// <summary>Of those with a share; null when none of them can be asked now, and the shares alone say who is meant.</summary>
    private Deployment? Soonest(Exchange exchange, IReadOnlyList<TrafficSplit> splits)
    {
        var named = exchange.Named;
        var variants = new Variant[splits.Count + 1];
        var (count, left) = (0, 100);
        foreach (var split in splits)
        {
            left -= split.Percent;
            if (Find(named, split.Deployment, exchange.Operation) is { } target)
            {
                variants[count++] = new Variant(target, split.Percent);
            }
        }

        if (left > 0)
        {
            variants[count++] = new Variant(named, left);
        }

        var chosen = chooser.Choose(variants.AsSpan(0, count), exchange.Stream, out var reason);
        exchange.VariantReason = reason;
        return chosen;
    }

    /// <summary>
    /// The one that is asked when those before could not answer: the named one, if another stood in for it, then whoever could have been chosen in its place by latency, then its fallbacks. Where nothing is
    /// left for the named one, who has a share comes before it. Null when there is none left.
    /// </summary>
    public Deployment? Next(Exchange exchange)
    {
        var (named, tries) = (exchange.Named, exchange.Tries);
        if (named.Route.Traffic is not { } policy)
        {
            return null;
        }

        var others = policy is { Strategy: TrafficStrategies.Latency, Splits: { } splits } ? splits : [];
        var fallbacks = policy.Fallbacks ?? [];
        var own = others.Sum(split => split.Percent) < 100 ? 0 : others.Count;
        while (tries.Fallbacks <= others.Count + fallbacks.Count)
        {
            var step = tries.Fallbacks++;
            var isFallback = step > others.Count;
            var name = isFallback ? fallbacks[step - others.Count - 1] : step == own ? named.Name : others[step < own ? step : step - 1].Deployment;
            var wasAsked = isFallback && others.Any(split => split.Deployment == name);
            if (!wasAsked && Find(named, name, exchange.Operation) is { } next && next.Route.Id != exchange.Deployment.Route.Id && (isFallback || next.Route.Id != exchange.Chosen))
            {
                return next;
            }
        }

        return null;
    }

    /// <summary>Who answers what a target without a replica was to: the named one where it has a share of its own, or else another target, for then the named one may be there no more.</summary>
    private Deployment Instead(Deployment named, IReadOnlyList<TrafficSplit> splits, Operation operation)
    {
        if (splits.Sum(split => split.Percent) >= 100)
        {
            foreach (var split in splits)
            {
                if (Find(named, split.Deployment, operation) is { } other)
                {
                    return other;
                }
            }
        }

        return named;
    }

    /// <summary>A deployment of the named one's project that can answer in its place now.</summary>
    public Deployment? Find(Deployment named, string name, Operation operation) =>
        routes.Table?.RoutesOf(named.Project).Find(name) is { Replicas.Length: > 0, Route.Revoked: null } other && other.Project == named.Project && other.Route.Task == named.Route.Task
            && other.Upstream?.Answers(operation) is not false
            ? other
            : null;

    /// <summary>Whose requests stay together, where the policy has them stay and this one says whose it is.</summary>
    private static string? Whose(Exchange exchange, string? stickyBy) => stickyBy switch
    {
        ByCaller => exchange.Caller.Identity.Subject,
        not null when stickyBy.StartsWith(ByHeader, StringComparison.Ordinal) && exchange.Context.Request.Headers[stickyBy[ByHeader.Length..]] is [{ Length: > 0 } value] => value,
        _ => null,
    };

    /// <summary>0 to 99. The name goes into it, or the callers in the first tenth of one model would be those of all.</summary>
    private static int Point(Exchange exchange, string? whose) => whose is null ? Random.Shared.Next(100) : (int)(Hash.Mix(Hash.Of(whose) ^ Hash.Of(exchange.Named.Name)) % 100);
}
