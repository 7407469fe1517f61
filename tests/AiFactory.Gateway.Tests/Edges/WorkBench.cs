using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using AiFactory.ServiceDefaults.Postgres;
using AiFactory.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;

namespace AiFactory.Gateway.Tests.Edges;

/// <summary>What files, batches and jobs are kept in: a database of the test's own, and a directory of objects.</summary>
internal sealed class WorkBench : IAsyncDisposable
{
    private readonly DirectoryInfo _objects = Directory.CreateTempSubdirectory("aifactory-objects-");

    private WorkBench(Ledger ledger) => Ledger = ledger;

    public Ledger Ledger { get; }

    /// <summary>For a gateway that looks often.</summary>
    public (string, string)[] Settings =>
        [Ledger.Setting, ("ConnectionStrings:objects", $"Directory={_objects.FullName}"), ("Batches:Interval", "00:00:00.050"), ("Batches:FirstPause", "00:00:00.050"), ("Batches:LongestPause", "00:00:00.200")];

    public static async Task<WorkBench> CreateAsync(PostgresFixture postgres) => new(await Ledger.CreateAsync(postgres));

    public Task<GatewayUnderTest> StartAsync(Plan plan, params (string, string)[] settings) => StartAsync(plan, TimeProvider.System, settings);

    /// <summary>Returns when its database is there.</summary>
    public async Task<GatewayUnderTest> StartAsync(Plan plan, TimeProvider clock, params (string, string)[] settings)
    {
        var gateway = await GatewayUnderTest.StartAsync(plan, clock, [.. Settings, .. settings]);
        await gateway.Services.GetRequiredService<MigrationState>().Completed.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        return gateway;
    }

    /// <summary>Bytes of all objects, by key.</summary>
    public IReadOnlyList<string> Objects() =>
        [.. Directory.EnumerateFiles(_objects.FullName, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_objects.FullName, file)).Where(key => key.StartsWith("gateway/", StringComparison.Ordinal)).Order()];

    public async ValueTask DisposeAsync()
    {
        await Ledger.DisposeAsync();
        _objects.Delete(recursive: true);
    }
}

/// <summary>A client of files and batches.</summary>
internal sealed class WorkClient(HttpClient http, string key = Plan.DeveloperKey)
{
    public static string Line(string id, string body = """{"model":"demo-chat","messages":[]}""", string url = "/v1/chat/completions") =>
        $$"""{"custom_id":"{{id}}","method":"POST","url":"{{url}}","body":{{body}}}""";

    public async Task<(int Status, JsonNode Body)> SendAsync(HttpMethod method, string path, string? json = null, HttpContent? content = null)
    {
        using var request = GatewayUnderTest.Request(method, path, key, json);
        request.Content ??= content;
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, text.Length == 0 ? new JsonObject() : JsonNode.Parse(text) ?? new JsonObject());
    }

    public Task<(int Status, JsonNode Body)> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<(int Status, JsonNode Body)> PostAsync(string path, string json) => SendAsync(HttpMethod.Post, path, json);

    public async Task<(int Status, JsonNode Body)> UploadAsync(string text, string? purpose = "batch", string? name = "in.jsonl", params (string Name, string Value)[] fields)
    {
        using var form = new MultipartFormDataContent();
        if (name is not null)
        {
            form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(text)), "file", name);
        }

        if (purpose is not null)
        {
            form.Add(new StringContent(purpose), "purpose");
        }

        foreach (var (field, value) in fields)
        {
            form.Add(new StringContent(value), field);
        }

        return await SendAsync(HttpMethod.Post, "/v1/files", content: form);
    }

    /// <returns>The id of a batch of these lines.</returns>
    public async Task<string> BatchAsync(IEnumerable<string> lines, string endpoint = "/v1/chat/completions", string window = "24h")
    {
        var (uploaded, file) = await UploadAsync(string.Join('\n', lines));
        uploaded.ShouldBe(200, file.ToJsonString());
        var (status, batch) = await PostAsync("/v1/batches", $$"""{"input_file_id":"{{file["id"]}}","endpoint":"{{endpoint}}","completion_window":"{{window}}"}""");
        status.ShouldBe(200, batch.ToJsonString());
        return Text(batch, "id");
    }

    /// <summary>The batch, once that is true of it.</summary>
    public async Task<JsonNode> UntilAsync(string id, Func<JsonNode, bool> condition, [CallerArgumentExpression(nameof(condition))] string? text = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var (_, batch) = await GetAsync($"/v1/batches/{id}");
            if (condition(batch))
            {
                return batch;
            }

            limit.IsCancellationRequested.ShouldBeFalse($"it should have come true: {text} of {batch.ToJsonString()}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public Task<JsonNode> UntilAsync(string id, string status) => UntilAsync(id, batch => Text(batch, "status") == status, $"status {status}");

    /// <summary>The lines of a file that a batch names; none where it names none.</summary>
    public async Task<JsonNode[]> LinesAsync(JsonNode batch, string file)
    {
        if (batch[file] is not { } id)
        {
            return [];
        }

        using var request = GatewayUnderTest.Request(HttpMethod.Get, $"/v1/files/{id}/content", key);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        response.IsSuccessStatusCode.ShouldBeTrue(text);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)).OfType<JsonNode>()];
    }

    public static string Text(JsonNode? node, string path) => path.Split('.').Aggregate(node, (at, name) => at?[name])?.ToString() ?? "";
}
