namespace AiFactory.Gateway.Files.Uploads;

/// <summary>A file that comes in parts, as the table has it.</summary>
internal sealed record UploadRow
{
    public const string Pending = "pending";
    public const string Completed = "completed";
    public const string Cancelled = "cancelled";
    public const string Expired = "expired";

    public required Guid Id { get; init; }

    public required string Project { get; init; }

    public required string Subject { get; init; }

    /// <summary>Of keys: whose it is.</summary>
    public required string Line { get; init; }

    public required string Filename { get; init; }

    /// <summary>How many the file is to have.</summary>
    public required long Bytes { get; init; }

    public required string State { get; init; }

    /// <summary>What was made of it; null before.</summary>
    public Guid? FileId { get; init; }

    public int? FileExpiresSeconds { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Until then parts are taken.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public bool IsOpen(DateTimeOffset now) => State == Pending && ExpiresAt > now;
}
