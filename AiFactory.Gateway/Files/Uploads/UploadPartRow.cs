namespace AiFactory.Gateway.Files.Uploads;

internal sealed record UploadPartRow
{
    public required Guid UploadId { get; init; }

    public required Guid Id { get; init; }

    /// <summary>Null until it is whole.</summary>
    public long? Bytes { get; init; }
}
