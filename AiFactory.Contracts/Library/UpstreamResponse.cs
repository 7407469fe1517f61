namespace AiFactory.Contracts.Library;

/// <param name="Revision">One more with each change, from 1.</param>
public sealed record UpstreamResponse(
    Guid Id,
    string Project,
    string Name,
    string Kind,
    string BaseUrl,
    IReadOnlyList<UpstreamModel> Models,
    bool Enabled,
    int Revision,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    string UpdatedBy,
    DateTimeOffset UpdatedAt)
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public string? ApiVersion { get; init; }

    /// <summary>Null when there is none.</summary>
    public UpstreamCredential? Credential { get; init; }

    /// <summary>Why its models are not served; null while they are.</summary>
    public string? Message { get; init; }
}
