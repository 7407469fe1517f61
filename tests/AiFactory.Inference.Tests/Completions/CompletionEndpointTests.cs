using System.Net;
using System.Net.Http.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.Completions;

[Collection(SharedWorker.Name)]
public sealed class CompletionEndpointTests(WorkerFixture fixture)
{
    private readonly HttpClient _client = fixture.Worker.CreateCaller();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_text_goes_on_for_sixteen_tokens_unless_told()
    {
        using var response = await _client.PostAsJsonAsync("/v1/completions", new { model = "endless", prompt = "The factory", temperature = 0 }, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var completion = (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.Completion, Token)).ShouldNotBeNull();
        completion.Object.ShouldBe("text_completion");
        completion.Choices.ShouldHaveSingleItem().FinishReason.ShouldBe(FinishReasons.Length);
        completion.Usage.ShouldNotBeNull().CompletionTokens.ShouldBe(16);
    }

    [Fact]
    public async Task A_prompt_of_tokens_is_taken_and_streamed()
    {
        using var response = await _client.PostAsJsonAsync("/v1/completions", new { model = "endless", prompt = new[] { 300, 301, 302 }, max_tokens = 3, stream = true }, Token);
        var body = await response.Content.ReadAsStringAsync(Token);
        body.ShouldEndWith("data: [DONE]\n\n");
        body.ShouldContain("\"finish_reason\":\"length\"");
        body.ShouldNotContain("\"usage\"");
    }

    [Theory]
    [InlineData("""{"model":"endless","prompt":["a","b"]}""", "prompt")]
    [InlineData("""{"model":"endless","prompt":"a","echo":true}""", "echo")]
    [InlineData("""{"model":"endless","prompt":"a","best_of":2}""", "best_of")]
    [InlineData("""{"model":"endless","prompt":"a","logprobs":21}""", "logprobs")]
    [InlineData("""{"model":"endless","prompt":"a","suffix":"z"}""", "suffix")]
    [InlineData("""{"model":"endless","prompt":""}""", "prompt")]
    [InlineData("""{"model":"endless","prompt":"\ud800"}""", "prompt")]
    [InlineData("""{"model":"endless","prompt":"a","stop":"\ud800"}""", "stop")]
    [InlineData("""{"model":"endless","prompt":"a","max_tokens":512}""", "prompt")]
    public async Task What_is_not_supported_is_refused_by_name(string body, string parameter)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync("/v1/completions", content, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error.Param.ShouldBe(parameter);
    }
}
