namespace AiFactory.Contracts.Routing;

/// <summary>The service behind a deployment that is no model of the library's.</summary>
/// <param name="Id">Of the upstream; several deployments may have one.</param>
/// <param name="Name">Of the upstream, as errors and logs name it.</param>
/// <param name="Kind">One of <see cref="UpstreamKinds"/>.</param>
/// <param name="Model">The service's own id of the model.</param>
public sealed record UpstreamRoute(Guid Id, string Name, string Kind, string Model)
{
    /// <summary>Sealed; null where the service asks for none.</summary>
    public string? Credential { get; init; }

    /// <summary>Sent with each request.</summary>
    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    /// <summary>Azure's <c>api-version</c>; null for its API without one.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>Whether the settings allow its address by its number although it is one of this machine or its link.</summary>
    public bool Local { get; init; }
}
