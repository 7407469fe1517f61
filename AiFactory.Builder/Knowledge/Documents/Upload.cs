namespace AiFactory.Builder.Knowledge.Documents;

/// <summary>A document on its way in.</summary>
/// <param name="MediaType">Without parameters; empty when none was named.</param>
/// <param name="Content">Read once, from its beginning to its end.</param>
internal sealed record Upload(string Name, string MediaType, string? Charset, Stream Content);
