using System.Text.Json;
using AiFactory.Gateway.Forwarding;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>
/// The tokens that a whole answer tells of, in the names of either of OpenAI's protocols; null where it tells nothing.
/// <code>"usage":{"prompt_tokens":9,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens":12,"completion_tokens_details":{"reasoning_tokens":5}}</code>
/// </summary>
internal readonly record struct AnswerUsage(long? InputTokens, long? CachedTokens, long? OutputTokens, long? ReasoningTokens)
{
    /// <param name="answer">JSON.</param>
    public static AnswerUsage Of(ReadOnlySpan<byte> answer, int maximumDepth)
    {
        var reader = new Utf8JsonReader(answer, new JsonReaderOptions { MaxDepth = maximumDepth });
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
            {
                continue;
            }

            var isUsage = reader.ValueTextEquals("usage"u8);
            reader.Read();
            if (isUsage && reader.TokenType == JsonTokenType.StartObject)
            {
                return Read(ref reader);
            }

            reader.Skip();
        }

        return default;
    }

    private static AnswerUsage Read(ref Utf8JsonReader reader)
    {
        var usage = default(AnswerUsage);
        for (var depth = reader.CurrentDepth; reader.Read() && reader.CurrentDepth > depth;)
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
            {
                continue;
            }

            usage = (reader.CurrentDepth - depth) switch
            {
                1 when reader.ValueTextEquals("prompt_tokens"u8) || reader.ValueTextEquals("input_tokens"u8) => usage with { InputTokens = Count(ref reader) },
                1 when reader.ValueTextEquals("completion_tokens"u8) || reader.ValueTextEquals("output_tokens"u8) => usage with { OutputTokens = Count(ref reader) },
                2 when reader.ValueTextEquals("cached_tokens"u8) => usage with { CachedTokens = Count(ref reader) },
                2 when reader.ValueTextEquals("reasoning_tokens"u8) => usage with { ReasoningTokens = Count(ref reader) },
                _ => usage,
            };
        }

        return usage;
    }

    private static long? Count(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var count) && count is >= 0 and <= TokenUsage.Most ? count : null;
    }
}
