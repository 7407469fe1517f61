namespace AiFactory.Gateway.Batches.Running;

/// <summary>A request that this gateway has claimed, and what of its batch it takes to run it.</summary>
internal sealed record RequestRow
{
    public required long Id { get; init; }

    public required Guid BatchId { get; init; }

    public required int Line { get; init; }

    /// <summary>Grows with each claim: a write that names another one is of a claim that was lost.</summary>
    public required int Attempt { get; init; }

    /// <summary>How often the gateway ended, or lost its claim, while it had this under way.</summary>
    public required int Deaths { get; init; }

    /// <summary>How often a replica broke off or was too slow.</summary>
    public required int Failures { get; init; }

    /// <summary>Where the body stands in the input file.</summary>
    public long? InputOffset { get; init; }

    public int? InputLength { get; init; }

    /// <summary>The body, where it stands in no file.</summary>
    public byte[]? Body { get; init; }

    public required string Project { get; init; }

    public required string Subject { get; init; }

    /// <summary>Whose work it is: see <see cref="WorkOwner"/>.</summary>
    public required string OwnerLine { get; init; }

    public required string Endpoint { get; init; }

    public Guid? InputFile { get; init; }

    /// <summary>How often in a row the batch was told to wait.</summary>
    public required int Pauses { get; init; }

    /// <summary>Whether a limit on requests at once has shown how many of the batch have room.</summary>
    public bool IsCrowded { get; init; }

    /// <summary>By which the ledger, the workers' logs and the client's file know it.</summary>
    public string RequestId => RequestIdOf(BatchId, Line);

    public static string RequestIdOf(Guid batch, int line) => $"{Storage.PublicId.BatchRequest}{batch:n}_{line}";
}
