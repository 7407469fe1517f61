using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace AiFactory.Builder.Tests.Edges;

/// <summary>An answer of events, read to its end.</summary>
internal static class ServerEvents
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    internal static async Task<IReadOnlyList<(string Type, JsonElement Data)>> EventsAsync<T>(this HttpClient client, string path, T body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = JsonContent.Create(body) };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        response.IsSuccessStatusCode.ShouldBeTrue($"{(int)response.StatusCode}");
        response.Content.Headers.ContentType?.MediaType.ShouldBe("text/event-stream");
        var events = new List<(string, JsonElement)>();
        await using var stream = await response.Content.ReadAsStreamAsync(Token);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(Token))
        {
            events.Add((item.EventType, item.Data == "[DONE]" ? default : JsonSerializer.Deserialize<JsonElement>(item.Data)));
        }

        return events;
    }
}
