namespace AiFactory.Inference.Serving;

/// <summary>What a request's model turned out to be.</summary>
internal abstract record ModelLookup
{
    private ModelLookup()
    {
    }

    public sealed record Found(DeployedModel Model) : ModelLookup;

    /// <summary>It is assigned here and not loaded yet, it failed to load, or it sleeps.</summary>
    public sealed record NotReady(Guid Deployment, string Name, int Version, string State, string? Message) : ModelLookup;

    public sealed record Unknown(string Name) : ModelLookup;
}
