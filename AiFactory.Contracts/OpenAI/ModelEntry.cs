namespace AiFactory.Contracts.OpenAI;

/// <param name="Object"><c>model</c>.</param>
/// <param name="Created">Seconds since 1970.</param>
public sealed record ModelEntry(string Id, string Object, long Created, string OwnedBy);
