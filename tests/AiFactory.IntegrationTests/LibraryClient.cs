using System.Net;
using System.Net.Http.Json;
using AiFactory.Contracts.Library;
using AiFactory.Testing.Factory;

namespace AiFactory.IntegrationTests;

/// <summary>The library's API through the gateway, as the console calls it.</summary>
internal sealed class LibraryClient(FactoryProcess factory, string? key = null) : IDisposable
{
    private readonly HttpClient _http = factory.CreateClient(key);

    public HttpClient Http => _http;

    public static string Project(string path = "", string project = "default") => $"api/library/projects/{project}{path}";

    public async Task<T> GetAsync<T>(string path)
    {
        using var response = await _http.GetAsync(path, TestContext.Current.CancellationToken);
        return await ReadAsync<T>(response);
    }

    public async Task<T> PostAsync<T>(string path, object? body)
    {
        using var response = await _http.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);
        return await ReadAsync<T>(response);
    }

    /// <summary>Asks until the condition holds; fails after a minute with what was last seen.</summary>
    public async Task<T> WaitAsync<T>(string path, Func<T, bool> condition, TimeSpan? timeout = null)
    {
        var end = TimeProvider.System.GetTimestamp() + (long)((timeout ?? TimeSpan.FromMinutes(1)).TotalSeconds * TimeProvider.System.TimestampFrequency);
        T? last = default;
        string? fault = null;
        while (TimeProvider.System.GetTimestamp() < end)
        {
            try
            {
                last = await GetAsync<T>(path);
                if (condition(last))
                {
                    return last;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or ShouldAssertException)
            {
                fault = exception.Message;
            }

            await Task.Delay(200, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException($"{path} never became as awaited; last seen: {System.Text.Json.JsonSerializer.Serialize(last)} {fault}");
    }

    public async Task<ModelVersionResponse> WaitForVersionAsync(string model, string state, string project = "default")
    {
        var page = await WaitAsync<Page<ModelResponse>>(
            Project("/models", project),
            models => models.Items.Any(item => item.Name == model && item.Versions[0].State == state));
        return page.Items.Single(item => item.Name == model).Versions[0];
    }

    public void Dispose() => _http.Dispose();

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        response.StatusCode.ShouldBeOneOf([HttpStatusCode.OK, HttpStatusCode.Created, HttpStatusCode.Accepted], text);
        return System.Text.Json.JsonSerializer.Deserialize<T>(text, System.Text.Json.JsonSerializerOptions.Web)
            ?? throw new InvalidOperationException($"{response.RequestMessage?.RequestUri} answered null");
    }
}
