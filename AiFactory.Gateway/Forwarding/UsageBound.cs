using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Forwarding;

/// <summary>What a service can have used for one request at most: the context of its model, for each answer. One that tells more is mistaken, and must not use up a project's month by one answer.</summary>
internal static class UsageBound
{
    /// <summary>Of a model whose context is not known: more than any has.</summary>
    private const long LargestContext = 10_000_000;

    /// <summary>The fewest bytes that one text of several takes in a body: a digit and a comma.</summary>
    private const int ShortestText = 2;

    /// <param name="told">What the service says.</param>
    public static TokenUsage Of(in TokenUsage told, Exchange exchange)
    {
        var context = exchange.Deployment.Route.ContextLength is > 0 and var length ? length : LargestContext;

        // A chat is one text; the others take lists, each entry of which has the context for itself.
        var texts = exchange.Operation == Operation.ChatCompletion ? 1 : (exchange.BodyLength / ShortestText) + 1L;
        var input = Math.Min(told.Input ?? 0, context * texts);
        var choices = Math.Max(1, exchange.Bound.Choices);
        return new TokenUsage(
            told.Input is null ? null : input,
            told.Output is { } output ? Math.Min(output, context * texts * choices) : null,
            told.Cached is { } cached && told.Input is not null ? Math.Min(cached, input) : told.Cached)
        {
            // Counted here, in the answer: a service may know other names for `n`, and what it made is paid. No answer with more is given on.
            Images = told.Images is { } images ? Math.Min(images, RequestHead.MostImages) : null,
        };
    }
}
