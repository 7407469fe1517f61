namespace AiFactory.ModelLibrary.ApprovedModels;

/// <summary>The version, and what the scan read from its file. All is always said, an empty text or 0 where the file says nothing: so no other writer can add to it.</summary>
internal sealed record ApprovedModelSpec(
    string Project,
    string Model,
    int Version,
    string Tag,
    string Digest,
    long SizeBytes,
    string Task,
    string Format,
    string Architecture,
    string Quantization,
    long Parameters,
    int ContextLength,
    string License)
{
    /// <summary>The files of a model that comes in several; empty for one file. A server that does not know the field yet leaves it out.</summary>
    public IReadOnlyList<ApprovedModelPart>? Parts { get; init; } = [];

    /// <summary>By what the parts are, and not by the list that they stand in.</summary>
    public bool Equals(ApprovedModelSpec? other) => other is not null && Members == other.Members && (Parts ?? []).SequenceEqual(other.Parts ?? []);

    public override int GetHashCode() => Members.GetHashCode();

    private (string, string, int, string, string, long, string, string, string, string, long, int, string) Members =>
        (Project, Model, Version, Tag, Digest, SizeBytes, Task, Format, Architecture, Quantization, Parameters, ContextLength, License);
}
