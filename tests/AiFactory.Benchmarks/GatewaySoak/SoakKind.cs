namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>One kind of request in the mix.</summary>
/// <param name="Weight">Its share of all requests is this of the sum of all weights.</param>
/// <param name="AskAsync">Asks once, under that number, and says how it ended.</param>
/// <param name="Expected">The ends that are planned; any other is a failure.</param>
internal sealed record SoakKind(string Name, double Weight, Func<SoakClient, long, CancellationToken, Task<string>> AskAsync, params string[] Expected)
{
    /// <summary>The ends that are to be seen, each with its least share of all: without one any of <see cref="Expected"/> may be all of them.</summary>
    public IReadOnlyList<(string Outcome, double Share)> Least { get; init; } = [];
}
