namespace AiFactory.Contracts.Library;

/// <summary>The whole of an upstream as it is to be.</summary>
/// <param name="Name">1 to 63 letters, digits, <c>.</c>, <c>_</c>, <c>-</c>.</param>
/// <param name="Kind">One of <see cref="UpstreamKinds"/>.</param>
/// <param name="BaseUrl">As that service's own clients take it; the library's settings say which hosts may be called.</param>
public sealed record UpstreamRequest(string Name, string Kind, string BaseUrl, IReadOnlyList<UpstreamModel> Models)
{
    /// <summary>Whether its models are served; true when null.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Sent with each request. What is secret is no header of these.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>Only of <c>azure-openai</c>: its <c>api-version</c>, as <c>2024-10-21</c>; null for its API without one.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>Taken and never shown again. Null keeps what is there; an empty text takes it away.</summary>
    public string? Credential { get; init; }

    /// <summary>The revision that was edited: 409 when it is not the newest any more. Null writes over whatever is there.</summary>
    public int? Revision { get; init; }

    /// <summary>A record would show its members, and whoever logs it the credential.</summary>
    public override string ToString() => $"{nameof(UpstreamRequest)} {Name}";
}
