namespace AiFactory.Contracts.OpenAI;

/// <param name="Object"><c>model</c>.</param>
/// <param name="Created">Seconds since 1970; 0 for a model that is not loaded.</param>
public sealed record ModelEntry(string Id, string Object, long Created, string OwnedBy)
{
    /// <summary>Not OpenAI's: as llama-server has it.</summary>
    public ModelEntryStatus? Status { get; init; }
}
