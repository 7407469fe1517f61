namespace AiFactory.Builder.Runs;

internal sealed record RunEventRow
{
    public required long Sequence { get; init; }

    public required string Type { get; init; }

    public string? Node { get; init; }

    public int? Attempt { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>JSON.</summary>
    public string? Data { get; init; }

    /// <summary>Of the data up to here, in what was read with it.</summary>
    public required long Bytes { get; init; }
}
