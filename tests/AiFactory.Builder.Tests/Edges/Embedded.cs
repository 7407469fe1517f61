namespace AiFactory.Builder.Tests.Edges;

/// <summary>What the played gateway was asked to embed.</summary>
internal static class Embedded
{
    internal static int Batches(this FakeGateway gateway) => gateway.Calls().Count();

    /// <summary>Every text, in its order, as often as it was sent.</summary>
    internal static IReadOnlyList<string> Texts(this FakeGateway gateway) =>
        [.. gateway.Calls().SelectMany(call => call.Body["input"]?.AsArray().Select(input => input?.GetValue<string>() ?? "") ?? [])];

    private static IEnumerable<SeenCall> Calls(this FakeGateway gateway) => gateway.Seen.Where(call => call.Path.EndsWith("embeddings", StringComparison.Ordinal));
}
