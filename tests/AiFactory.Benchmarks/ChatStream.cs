using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace AiFactory.Benchmarks;

/// <summary>What one streamed answer of demo-chat took, as its client sees it.</summary>
/// <param name="Rate">Tokens a second after the first.</param>
/// <param name="First">Milliseconds to the first piece of text.</param>
internal sealed record ChatStream(int PromptTokens, int CachedTokens, int Tokens, double Rate, double First)
{
    public static async Task<ChatStream> ReadAsync(HttpClient client, IReadOnlyList<(string Role, string Content)> messages, int maxTokens, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions")
        {
            Content = JsonContent.Create(new
            {
                model = "demo-chat",
                stream = true,
                temperature = 0,
                max_tokens = maxTokens,
                stream_options = new { include_usage = true },
                messages = messages.Select(message => new { role = message.Role, content = message.Content }),
            }),
        };
        var began = Stopwatch.GetTimestamp();
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        var (first, last) = ((TimeSpan?)null, TimeSpan.Zero);
        var usage = default(JsonElement);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(body).EnumerateAsync(cancellationToken))
        {
            if (item.Data == "[DONE]")
            {
                break;
            }

            using var chunk = JsonDocument.Parse(item.Data);
            usage = chunk.RootElement.TryGetProperty("usage", out var told) && told.ValueKind == JsonValueKind.Object ? told.Clone() : usage;
            if (chunk.RootElement.GetProperty("choices").EnumerateArray().Any(HasText))
            {
                last = Stopwatch.GetElapsedTime(began);
                first ??= last;
            }
        }

        if (first is not { } start || usage.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidOperationException("The answer had no text, or no usage: there is nothing to measure.");
        }

        var tokens = usage.GetProperty("completion_tokens").GetInt32();
        return new ChatStream(
            usage.GetProperty("prompt_tokens").GetInt32(),
            usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32(),
            tokens,
            last > start ? (tokens - 1) / (last - start).TotalSeconds : 0,
            start.TotalMilliseconds);
    }

    private static bool HasText(JsonElement choice) =>
        choice.GetProperty("delta").TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.String && content.GetString() is { Length: > 0 };
}
