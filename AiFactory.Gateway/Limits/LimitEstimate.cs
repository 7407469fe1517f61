using AiFactory.Gateway.Forwarding;

namespace AiFactory.Gateway.Limits;

/// <summary>What a request may take, before it is known: in tokens.</summary>
/// <param name="Input">Its bytes, four to a token; markup weighs against scripts that need more.</param>
/// <param name="Output">What is reserved of a pace: where the request names no length, what answers usually have.</param>
/// <param name="MostOutput">What is reserved of an allowance: where the request names no length, all that the context has room for.</param>
internal readonly record struct LimitEstimate(long Input, long Output, long MostOutput)
{
    private const int BytesPerToken = 4;

    public static LimitEstimate Of(Exchange exchange, int usualOutput)
    {
        var operation = exchange.Operation;
        if (!operation.TakesTokens)
        {
            return default;
        }

        var context = exchange.Named.Route.ContextLength is > 0 and var length ? length : long.MaxValue;
        var input = Math.Min((exchange.Body.Count + BytesPerToken - 1) / BytesPerToken, context);
        if (!operation.Generates)
        {
            return new LimitEstimate(input, 0, 0);
        }

        var (asked, choices) = exchange.Bound;
        var room = context == long.MaxValue ? asked ?? usualOutput : context - input;
        var most = Math.Min(asked ?? room, room);
        return new LimitEstimate(input, Math.Min(asked ?? usualOutput, room) * choices, most * choices);
    }
}
