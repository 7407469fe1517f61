using System.Net;
using System.Net.Http.Json;
using System.Text;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.OpenAI;

public sealed class BodyLimitTests(GeneratedModels models)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_over_the_limit_is_refused_with_the_settings_name_and_nothing_is_generated()
    {
        const string body = """{"model":"endless","max_tokens":4,"messages":[{"role":"user","content":"Hello"}]}""";
        await using var worker = await WorkerProcess.StartAsync(settings: new() { ["OpenAI:MaxRequestBodyBytes"] = "2000" });
        await using var library = worker.Library;
        await worker.AssignAsync(worker.Store(models.Endless, "endless", contextLength: 512));
        using var client = worker.CreateCaller();

        foreach (var chunked in (bool[])[false, true])
        {
            using var refused = await PostAsync(body + new string(' ', 2000), chunked);

            refused.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
            var error = (await refused.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error;
            error.Message.ShouldBe("The body is larger than 2000 bytes, the most that is taken here (setting OpenAI:MaxRequestBodyBytes).");
            error.Type.ShouldBe("invalid_request_error");
        }

        (await PromptTokensAsync()).ShouldBeEmpty();
        using var answered = await PostAsync(body, chunked: false);
        answered.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await PromptTokensAsync()).ShouldNotBeEmpty();
        await worker.DisposeAsync();
        Directory.Delete(worker.Directory, recursive: true);

        async Task<HttpResponseMessage> PostAsync(string text, bool chunked)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(text, Encoding.UTF8, "application/json") };
            request.Headers.TransferEncodingChunked = chunked;
            return await client.SendAsync(request, Token);
        }

        // Counters are shown from their first count on.
        async Task<IEnumerable<string>> PromptTokensAsync() =>
            (await client.GetStringAsync("/metrics/vllm", Token)).Split('\n').Where(line => line.StartsWith("vllm:prompt_tokens_total{", StringComparison.Ordinal));
    }
}
