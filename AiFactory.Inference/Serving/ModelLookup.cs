namespace AiFactory.Inference.Serving;

/// <summary>What a request's model turned out to be.</summary>
internal abstract record ModelLookup
{
    private ModelLookup()
    {
    }

    public sealed record Found(ServedModel Model) : ModelLookup;

    /// <summary>It is assigned here and not loaded yet, or it failed to load.</summary>
    public sealed record NotReady(string Name, string State, string? Message) : ModelLookup;

    public sealed record Unknown(string Name) : ModelLookup;
}
