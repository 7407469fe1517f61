using System.Text.Json;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Caching;

/// <summary>Tells whether an answer that came whole is one: a server may say 200 and an error, or end before its choices have.</summary>
internal static class CompleteAnswer
{
    /// <summary>An answer that was filtered is none to keep: the filter may be another tomorrow.</summary>
    public static bool IsEnd(JsonElement finishReason) =>
        finishReason.ValueKind == JsonValueKind.String && (finishReason.ValueEquals("stop"u8) || finishReason.ValueEquals("length"u8) || finishReason.ValueEquals("tool_calls"u8));

    public static bool Is(ReadOnlyMemory<byte> answer, Operation operation)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            return Is(document.RootElement, operation);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool Is(JsonElement answer, Operation operation)
    {
        if (answer.ValueKind != JsonValueKind.Object || (answer.TryGetProperty("error"u8, out var error) && error.ValueKind != JsonValueKind.Null))
        {
            return false;
        }

        if (operation == Operation.ChatCompletion || operation == Operation.Completion)
        {
            return IsFull(answer, "choices"u8, out var choices) && choices.EnumerateArray().All(choice =>
                choice.ValueKind == JsonValueKind.Object && choice.TryGetProperty("finish_reason"u8, out var reason) && IsEnd(reason));
        }

        return IsFull(answer, "results"u8, out _) || IsFull(answer, "data"u8, out _);
    }

    private static bool IsFull(JsonElement answer, ReadOnlySpan<byte> name, out JsonElement items) =>
        answer.TryGetProperty(name, out items) && items.ValueKind == JsonValueKind.Array && items.GetArrayLength() > 0;
}
