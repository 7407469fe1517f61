using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Metering;
using AiFactory.Gateway.Routing;

namespace AiFactory.Gateway.Limits;

/// <summary>What a request took: requests, tokens, and millionths of the currency.</summary>
internal readonly record struct Taken(long Requests, long Tokens, long Cost)
{
    /// <param name="outcome">One that failed by no fault of its client is no request; what was computed for it is paid all the same.</param>
    public static Taken Of(UsageOutcome outcome, TokenUsage? usage, Deployment deployment, PriceTable prices)
    {
        var requests = outcome is UsageOutcome.Failed or UsageOutcome.Deadline ? 0 : 1;
        if (usage is not { } used)
        {
            return new Taken(requests, 0, 0);
        }

        return new Taken(requests, Math.Min(used.Input ?? 0, TokenUsage.Most) + Math.Min(used.Output ?? 0, TokenUsage.Most), prices.CostOf(deployment, used) ?? 0);
    }

    /// <summary>A place among the requests at once is free again when its request has ended: nothing of it is taken.</summary>
    public long Of(LimitMeasure measure) => measure switch
    {
        LimitMeasure.Requests => Requests,
        LimitMeasure.Tokens => Tokens,
        LimitMeasure.Cost => Cost,
        _ => 0,
    };
}
