namespace AiFactory.Inference.Generations;

/// <summary>What every answer, and every chunk of a stream, repeats.</summary>
/// <param name="Created">Seconds since 1970.</param>
internal sealed record AnswerHeader(string Id, long Created, string Model, string SystemFingerprint);
