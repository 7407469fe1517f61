using AiFactory.Contracts;
using AiFactory.Gateway.Forwarding;

namespace AiFactory.Gateway.Limits;

/// <summary>What a request may take, before it is known: in tokens.</summary>
/// <param name="Input">Its bytes, four to a token; markup weighs against scripts that need more.</param>
/// <param name="Output">What is reserved of a pace: where the request names no length, what answers usually have.</param>
/// <param name="MostOutput">What is reserved of an allowance: where the request names no length, the whole context. The estimate of the input is not taken off it: white space would make room.</param>
/// <param name="MostTokens">Both together, where the context has room for them.</param>
internal readonly record struct LimitEstimate(long Input, long Output, long MostOutput, long MostTokens)
{
    private const int BytesPerToken = 4;

    public static LimitEstimate Of(Exchange exchange, int usualOutput)
    {
        var operation = exchange.Operation;
        var isTensor = operation.Body is { Count: > 0 };
        if (!operation.TakesTokens && !isTensor)
        {
            return default;
        }

        var context = exchange.Named.Route.ContextLength is > 0 and var length ? length : long.MaxValue;
        var input = InputOf(exchange, context);
        if (!operation.Generates && !(isTensor && exchange.Named.Route.Task == ModelTasks.Chat))
        {
            return new LimitEstimate(input, 0, 0, input);
        }

        var (asked, choices) = isTensor ? new OutputBound(null, 1) : exchange.Bound;
        var most = Math.Min(asked ?? (context == long.MaxValue ? usualOutput : context), context) * choices;
        var whole = context == long.MaxValue ? long.MaxValue : context * choices;
        return new LimitEstimate(input, Math.Min(asked ?? usualOutput, context) * choices, most, Math.Min(input + most, whole));
    }

    /// <summary>The same of a prompt alone, also when its body is gone.</summary>
    public static long InputOf(Exchange exchange) => exchange.Operation.TakesTokens || exchange.Operation.Body is { Count: > 0 }
        ? InputOf(exchange, exchange.Named.Route.ContextLength is > 0 and var length ? length : long.MaxValue)
        : 0;

    private static long InputOf(Exchange exchange, long context) => Math.Min((exchange.BodyLength + BytesPerToken - 1) / BytesPerToken, context);
}
