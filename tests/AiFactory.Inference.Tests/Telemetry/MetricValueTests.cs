using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.Telemetry;

/// <summary>What the metrics say beside what the clients saw.</summary>
public sealed class MetricValueTests(WorkerFixture fixture) : IClassFixture<WorkerFixture>
{
    private readonly HttpClient _client = fixture.Worker.CreateCaller();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tokens_and_requests_are_as_many_as_the_clients_count()
    {
        const string Model = "model_name=\"endless\"";
        var before = await ReadAsync();
        var (prompt, cached, completion) = (0, 0, 0);
        for (var i = 0; i < 3; i++)
        {
            var usage = (await PostAsync("/v1/completions", new { model = "endless", prompt = "The factory makes many things of many kinds", max_tokens = 7 })).GetProperty("usage");
            prompt += usage.GetProperty("prompt_tokens").GetInt32();
            cached += usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32();
            completion += usage.GetProperty("completion_tokens").GetInt32();
        }

        cached.ShouldBeGreaterThan(0);
        completion.ShouldBe(21);
        var after = await ReadUntilAsync(now => Difference(before, now, "vllm:e2e_request_latency_seconds_count", Model) == 3);
        Difference(before, after, "vllm:prompt_tokens_total", Model).ShouldBe(prompt);
        Difference(before, after, "vllm:generation_tokens_total", Model).ShouldBe(completion);
        Difference(before, after, "vllm:prefix_cache_queries_total", Model).ShouldBe(prompt);
        Difference(before, after, "vllm:prefix_cache_hits_total", Model).ShouldBe(cached);
        Difference(before, after, "vllm:request_success_total", Model, "finished_reason=\"length\"").ShouldBe(3);
        foreach (var once in new[] { "time_to_first_token", "request_queue_time", "request_inference_time", "request_prefill_time", "request_decode_time" })
        {
            Difference(before, after, $"vllm:{once}_seconds_count", Model).ShouldBe(3, once);
        }

        Difference(before, after, "vllm:inter_token_latency_seconds_count", Model).ShouldBe(completion - 3);

        // The parts are the whole, and the sum of the steps is the time behind the first token.
        double Sum(string name) => Difference(before, after, $"vllm:{name}_seconds_sum", Model);
        (Sum("request_queue_time") + Sum("request_inference_time")).ShouldBe(Sum("e2e_request_latency"), 1e-3);
        (Sum("request_prefill_time") + Sum("request_decode_time")).ShouldBe(Sum("request_inference_time"), 1e-3);
        Sum("inter_token_latency").ShouldBeLessThanOrEqualTo(Sum("request_decode_time") + 0.05);
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"endless","messages":[{"role":"user","content":"Hello"}],"max_tokens":3}""", "chat", "endless", true)]
    [InlineData("/v1/chat/completions", """{"model":"endless","messages":[{"role":"user","content":"Hello"}],"max_tokens":3,"stream":true}""", "chat", "endless", true)]
    [InlineData("/v1/responses", """{"model":"endless","input":"Hello","max_output_tokens":3}""", "chat", "endless", true)]
    [InlineData("/v1/completions", """{"model":"endless","prompt":"Hello","max_tokens":3}""", "text_completion", "endless", true)]
    [InlineData("/v1/embeddings", """{"model":"embed","input":"Hello"}""", "embeddings", "embed", false)]
    [InlineData("/v1/rerank", """{"model":"rank","query":"Hello","documents":["a"]}""", "rerank", "rank", false)]
    public async Task Each_operation_is_measured_under_its_name_with_its_model_and_this_server(string route, string body, string operation, string model, bool generates)
    {
        var before = await ReadAsync();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync(route, content, Token);
        response.EnsureSuccessStatusCode();
        await response.Content.ReadAsStringAsync(Token);
        var address = _client.BaseAddress.ShouldNotBeNull();
        string[] tags = [$"gen_ai_operation_name=\"{operation}\"", $"gen_ai_request_model=\"{model}\"", $"gen_ai_response_model=\"{model}\"", "gen_ai_provider_name=\"aifactory\"", $"server_port=\"{address.Port}\"", $"server_address=\"{address.Host}\""];
        var after = await ReadUntilAsync(now => Difference(before, now, "gen_ai_server_request_duration_seconds_count", tags) == 1);
        Difference(before, after, "gen_ai_server_time_to_first_token_seconds_count", tags).ShouldBe(generates ? 1 : 0);
        Difference(before, after, "gen_ai_server_time_per_output_token_seconds_count", tags).ShouldBe(generates ? 1 : 0);
        Difference(before, after, "gen_ai_server_request_duration_seconds_count", [.. tags, "error_type="]).ShouldBe(0);
    }

    [Fact]
    public async Task A_client_that_left_is_an_error_of_its_own_type()
    {
        var before = await ReadAsync();
        using var leaves = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var answer = _client.PostAsJsonAsync("/v1/completions", new { model = "tools", prompt = "Hello", max_tokens = 1000, ignore_eos = true }, leaves.Token);
        await ReadUntilAsync(now => Value(now, "vllm:num_requests_running", ["model_name=\"tools\""]) == 1);
        await leaves.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(answer);
        var after = await ReadUntilAsync(now =>
            Difference(before, now, "gen_ai_server_request_duration_seconds_count", "error_type=\"cancelled\"", "gen_ai_request_model=\"tools\"") == 1
            && Difference(before, now, "vllm:request_success_total", "model_name=\"tools\"", "finished_reason=\"abort\"") == 1);
        Difference(before, after, "vllm:request_success_total", "model_name=\"tools\"").ShouldBe(1);
    }

    [Fact]
    public async Task Embeddings_whose_client_left_are_no_success_and_count_no_tokens()
    {
        var before = await ReadAsync();
        using var leaves = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var texts = Enumerable.Repeat(string.Concat(Enumerable.Repeat("the river ", 60)), 2048).ToArray();
        var answer = _client.PostAsJsonAsync("/v1/embeddings", new { model = "embed", input = texts }, leaves.Token);
        await ReadUntilAsync(now => Value(now, "vllm:num_requests_running", ["model_name=\"embed\""]) == 1);
        await leaves.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(answer);
        var after = await ReadUntilAsync(now => Difference(before, now, "gen_ai_server_request_duration_seconds_count", "gen_ai_operation_name=\"embeddings\"") == 1);
        Difference(before, after, "gen_ai_server_request_duration_seconds_count", "error_type=\"cancelled\"", "gen_ai_request_model=\"embed\"").ShouldBe(1);
        Difference(before, after, "vllm:prompt_tokens_total", "model_name=\"embed\"").ShouldBe(0);
    }

    [Fact]
    public async Task No_adapter_is_in_use_and_the_limit_is_told()
    {
        var info = (await ReadAsync()).Where(line => line.Key.StartsWith("vllm:lora_requests_info{", StringComparison.Ordinal) && line.Key.Contains("\"endless\"", StringComparison.Ordinal)).ShouldHaveSingleItem();
        info.Key.ShouldContain("max_lora=\"8\"");
        info.Value.ShouldBeGreaterThan(DateTimeOffset.UnixEpoch.AddYears(50).ToUnixTimeSeconds());
    }

    /// <summary>Sums the lines of the name that have all the tags.</summary>
    private static double Value(IReadOnlyDictionary<string, double> metrics, string name, string[] tags) => metrics
        .Where(line => line.Key.StartsWith($"{name}{{", StringComparison.Ordinal) && tags.All(tag => line.Key.Contains(tag, StringComparison.Ordinal)))
        .Sum(line => line.Value);

    private static double Difference(IReadOnlyDictionary<string, double> before, IReadOnlyDictionary<string, double> after, string name, params string[] tags) =>
        Value(after, name, tags) - Value(before, name, tags);

    private async Task<IReadOnlyDictionary<string, double>> ReadUntilAsync(Func<IReadOnlyDictionary<string, double>, bool> condition)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Token);
        timeout.CancelAfter(TimeSpan.FromSeconds(20));
        while (true)
        {
            var now = await ReadAsync();
            if (condition(now) || timeout.IsCancellationRequested)
            {
                condition(now).ShouldBeTrue(string.Join('\n', now.Select(line => $"{line.Key} {line.Value}")));
                return now;
            }

            await Task.Delay(10, Token);
        }
    }

    /// <summary>Both forms: what has one name in both says the same.</summary>
    private async Task<IReadOnlyDictionary<string, double>> ReadAsync()
    {
        var metrics = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var path in new[] { "/metrics", "/metrics/vllm" })
        {
            foreach (var line in (await _client.GetStringAsync(path, Token)).Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
            {
                var space = line.IndexOf("} ", StringComparison.Ordinal) + 1;
                if (space > 0)
                {
                    metrics[line[..space]] = double.Parse(line[(space + 1)..].Split(' ')[0], CultureInfo.InvariantCulture);
                }
            }
        }

        return metrics;
    }

    private async Task<JsonElement> PostAsync(string route, object body)
    {
        using var response = await _client.PostAsJsonAsync(route, body, Token);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadFromJsonAsync<JsonElement>(Token);
    }
}
