namespace AiFactory.ModelLibrary.Upstreams;

internal sealed record UpstreamRow
{
    public required Guid Id { get; init; }

    public required string Project { get; init; }

    public required string Name { get; init; }

    /// <summary>One of <see cref="Contracts.UpstreamKinds"/>.</summary>
    public required string Kind { get; init; }

    public required string BaseUrl { get; init; }

    public string? ApiVersion { get; init; }

    /// <summary>JSON: name to value.</summary>
    public required string Headers { get; init; }

    public required bool Enabled { get; init; }

    /// <summary>Sealed.</summary>
    public string? Credential { get; init; }

    public string? CredentialEnd { get; init; }

    public string? CredentialSetBy { get; init; }

    public DateTimeOffset? CredentialSetAt { get; init; }

    public required int Revision { get; init; }

    public required string CreatedBy { get; init; }

    public required string UpdatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }
}
