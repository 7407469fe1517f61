namespace AiFactory.Contracts.OpenAI;

/// <param name="Value">loaded, sleeping (requests wait for it) or unloaded (they are refused).</param>
public sealed record ModelEntryStatus(string Value)
{
    public const string Loaded = "loaded";
}
