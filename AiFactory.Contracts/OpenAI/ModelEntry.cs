namespace AiFactory.Contracts.OpenAI;

/// <param name="Object"><c>model</c>.</param>
/// <param name="Created">Seconds since 1970; 0 for a model that is not loaded.</param>
public sealed record ModelEntry(string Id, string Object, long Created, string OwnedBy)
{
    /// <summary>Not OpenAI's: as llama-server has it.</summary>
    public ModelEntryStatus? Status { get; init; }

    /// <summary>Not OpenAI's: as vLLM has it, the model that is served under this name; of an adapter, where it came from.</summary>
    public string? Root { get; init; }

    /// <summary>Not OpenAI's: as vLLM has it, of an adapter the <see cref="Id"/> of the model that it is beside.</summary>
    public string? Parent { get; init; }
}
