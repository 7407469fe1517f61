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
    string License);
