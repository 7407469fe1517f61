using System.Net.Http.Json;
using System.Text.Json;

namespace AiFactory.Builder.Tests.Edges;

/// <summary>Short ways to call the builder and to wait for what it does by itself.</summary>
internal static class Http
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    internal static async Task<T> ReadAsync<T>(this HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(Token);
        response.IsSuccessStatusCode.ShouldBeTrue($"{(int)response.StatusCode} {text}");
        return JsonSerializer.Deserialize<T>(text, JsonSerializerOptions.Web) ?? throw new InvalidOperationException("The answer is null.");
    }

    internal static async Task<T> GetAsync<T>(this HttpClient client, string path) =>
        await (await client.GetAsync(new Uri(path, UriKind.Relative), Token)).ReadAsync<T>();

    internal static Task<HttpResponseMessage> PostAsync<T>(this HttpClient client, string path, T body) => client.PostAsJsonAsync(path, body, Token);

    internal static async Task<TResponse> PostAsync<TRequest, TResponse>(this HttpClient client, string path, TRequest body) =>
        await (await client.PostAsJsonAsync(path, body, Token)).ReadAsync<TResponse>();

    internal static async Task<TResponse> PutAsync<TRequest, TResponse>(this HttpClient client, string path, TRequest body) =>
        await (await client.PutAsJsonAsync(path, body, Token)).ReadAsync<TResponse>();

    /// <summary>The status and the problem's detail, for one assertion on both.</summary>
    internal static async Task<(int Status, string Detail)> ProblemAsync(this HttpResponseMessage response)
    {
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        return ((int)response.StatusCode, problem.TryGetProperty("detail", out var detail) ? detail.GetString() ?? "" : "");
    }

    /// <summary>Asks until the answer is as wanted, and fails showing the last one.</summary>
    internal static async Task<T> UntilAsync<T>(this HttpClient client, string path, Func<T, bool> wanted)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await client.GetAsync<T>(path);
            if (wanted(answer))
            {
                return answer;
            }

            if (TimeProvider.System.GetElapsedTime(deadline) > Patience)
            {
                throw new ShouldAssertException($"{path} never was as wanted: {JsonSerializer.Serialize(answer)}");
            }

            await Task.Delay(Pause, Token);
        }
    }
}
