using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AiFactory.Benchmarks.GatewaySoak;

/// <summary>An answer as a client read it.</summary>
/// <param name="Text">What the model says in it; of embeddings the first number.</param>
/// <param name="Prompt">Null where it tells no tokens.</param>
internal sealed record SoakAnswer(string Text, int? Prompt, int? Completion)
{
    private const string Data = "data: ";

    /// <summary>The tokens of its text.</summary>
    public int Chunks => Text.Count(letter => letter == SoakTexts.ChunkSign);

    /// <summary>Of every protocol that the soak speaks.</summary>
    /// <exception cref="JsonException">It is no JSON, or not all of it.</exception>
    public static SoakAnswer Read(string body)
    {
        using var json = JsonDocument.Parse(body);
        var root = json.RootElement;
        return new SoakAnswer(TextOf(root), Tokens(root, "prompt_tokens", "input_tokens"), Tokens(root, "completion_tokens", "output_tokens"));
    }

    /// <summary>A stream of OpenAI's events, or Anthropic's.</summary>
    /// <returns>Whether its last event came, too.</returns>
    /// <exception cref="JsonException">One of its events is no JSON.</exception>
    public static (SoakAnswer Answer, bool IsWhole) ReadStream(string body)
    {
        var text = new StringBuilder();
        int? prompt = null, completion = null;
        var isWhole = false;
        foreach (var line in body.Split('\n').Where(line => line.StartsWith(Data, StringComparison.Ordinal)))
        {
            if (line[Data.Length..] == "[DONE]")
            {
                isWhole = true;
                continue;
            }

            using var json = JsonDocument.Parse(line.AsMemory(Data.Length));
            var chunk = json.RootElement;
            text.Append(At(chunk, "choices", 0, "delta", "content") ?? At(chunk, "delta", "text"));
            prompt = Tokens(chunk, "prompt_tokens", "input_tokens") ?? prompt;
            completion = Tokens(chunk, "completion_tokens", "output_tokens") ?? completion;
            isWhole |= At(chunk, "type") == "message_stop";
        }

        return (new SoakAnswer(text.ToString(), prompt, completion), isWhole);
    }

    /// <returns>Null when it is the one to the request; else what is wrong with it.</returns>
    public string? Wrong(SoakProof proof, long question, long key)
    {
        var isOwn = proof == SoakProof.Question
            ? Text.StartsWith(SoakTexts.Beginning(question), StringComparison.Ordinal) || Text == question.ToString(CultureInfo.InvariantCulture)
            : Unmasked == SoakTexts.Whole(question, key);
        return !isOwn ? $"the answer to another: '{Text}' for {SoakTexts.Whole(question, key)}"
            : proof == SoakProof.Tokens && (Prompt != SoakTokens.Prompt(key) || Completion != SoakTokens.Answer(key)) ? $"other tokens: {Prompt} and {Completion} for {SoakTokens.Prompt(key)} and {SoakTokens.Answer(key)}"
            : null;
    }

    /// <summary>The same of a stream; it need not tell its tokens, and each of its chunks has a number.</summary>
    public string? WrongStream(long question, long key) =>
        Unmasked != SoakTexts.Streamed(question, key) ? $"another stream, or a part of it: '{Text}' for {SoakTexts.Chunk(question, key, 0)}"
        : Completion is { } told && told != SoakTokens.Chunks(key) ? $"other tokens: {told} for {SoakTokens.Chunks(key)}"
        : null;

    /// <summary>The text of one chunk, by WebSocket.</summary>
    public static string? ChunkText(JsonElement chunk) => At(chunk, "choices", 0, "delta", "content");

    private string Unmasked => Text.Replace(SoakTexts.Mask, SoakTexts.Mail, StringComparison.Ordinal);

    private static string TextOf(JsonElement root) =>
        root.TryGetProperty("output", out var output) ? TextOf(output)
        : At(root, "choices", 0, "message", "content") ?? At(root, "choices", 0, "text") ?? At(root, "content", 0, "text") ?? At(root, "outputs", 0, "data", 0) ?? At(root, "data", 0, "embedding", 0)
            ?? At(root, "results", 0, "document", "text") ?? "";

    private static int? Tokens(JsonElement root, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (At(root, "usage", name) is { } tokens)
            {
                return int.Parse(tokens, CultureInfo.InvariantCulture);
            }
        }

        return null;
    }

    /// <returns>The text or number at that place; null where there is none.</returns>
    private static string? At(JsonElement at, params ReadOnlySpan<object> path)
    {
        foreach (var step in path)
        {
            if (step is string name ? at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at) : at.ValueKind != JsonValueKind.Array || at.GetArrayLength() == 0)
            {
                return null;
            }

            at = step is string ? at : at[0];
        }

        return at.ValueKind is JsonValueKind.String or JsonValueKind.Number ? at.ToString() : null;
    }
}
