using System.Net;
using System.Net.Http.Json;
using AiFactory.Contracts.Library;
using AiFactory.Testing.Factory;

namespace AiFactory.IntegrationTests;

/// <summary>The library's API through the gateway, as the console calls it.</summary>
internal sealed class LibraryClient(FactoryProcess factory, string? key = null) : IDisposable
{
    /// <summary>How long anything is waited for: a machine that does much else takes its time.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

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

    /// <summary>Asks until the condition holds; fails with what was last seen.</summary>
    public async Task<T> WaitAsync<T>(string path, Func<T, bool> condition)
    {
        var began = TimeProvider.System.GetTimestamp();
        T? last = default;
        string? fault = null;
        while (TimeProvider.System.GetElapsedTime(began) < Patience)
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

            await Task.Delay(100, TestContext.Current.CancellationToken);
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

    /// <summary>Looks into the project's models folder now.</summary>
    public async Task SyncAsync()
    {
        var sources = await GetAsync<Page<SourceResponse>>(Project("/sources"));
        await PostAsync<SyncResult>(Project($"/sources/{sources.Items.Single().Id}/sync"), null);
    }

    /// <summary>Deploys an approved version under its model's name, and waits until the gateway serves it.</summary>
    public async Task DeployAsync(string model, Guid version)
    {
        await PostAsync<DeploymentResponse>(Project("/deployments"), new DeploymentRequest(model, version, null, null, null, null));
        await WaitAsync<DeploymentResponse>(Project($"/deployments/{model}"), deployment => deployment.Phase == DeploymentPhases.Ready);

        // The snapshot reaches the gateway a moment after the library says ready.
        await Faults.KilledProcessTests.EventuallyAsync(
            async () => (await _http.GetStringAsync("v1/models", TestContext.Current.CancellationToken)).Contains($"\"{model}\"", StringComparison.Ordinal), $"the gateway serves {model}");
    }

    public async Task UndeployAsync(string model)
    {
        using var response = await _http.DeleteAsync(Project($"/deployments/{model}"), TestContext.Current.CancellationToken);
        response.IsSuccessStatusCode.ShouldBeTrue();
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
