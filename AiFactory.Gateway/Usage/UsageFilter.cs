namespace AiFactory.Gateway.Usage;

/// <summary>Which requests are meant; a member that is null takes all.</summary>
internal sealed record UsageFilter(DateTimeOffset From, DateTimeOffset To)
{
    public string? Project { get; init; }

    public Guid? Key { get; init; }

    public string? User { get; init; }

    public string? Model { get; init; }

    public string? Deployment { get; init; }

    public string? Operation { get; init; }
}
