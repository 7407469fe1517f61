namespace AiFactory.ModelLibrary.References;

/// <summary>Something that names a deployment, or a model of an upstream.</summary>
internal sealed record ReferenceRow
{
    public required Guid Target { get; init; }

    public required string Name { get; init; }

    /// <summary>One of <see cref="ReferenceKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The deployment, the model or the rule that names it.</summary>
    public required string By { get; init; }

    /// <summary>Whose that is; null for a rule of the whole factory.</summary>
    public string? Project { get; init; }

    /// <summary>Whose rule it is, where that is one deployment's.</summary>
    public string? Deployment { get; init; }
}
