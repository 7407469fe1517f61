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

    /// <summary>As text, as tokens, streamed: the answer is the same, behind its prompt.</summary>
    [Fact]
    public async Task The_prompt_comes_back_where_it_is_asked_for()
    {
        var alone = (await CompleteAsync("\"prompt\":\"The factory\"")).Text;
        (await CompleteAsync("\"prompt\":\"The factory\",\"echo\":true,\"n\":2")).Text.ShouldBe($"The factory{alone}");
        (await CompleteAsync("\"prompt\":[\"The factory\"],\"echo\":true")).Text.ShouldBe($"The factory{alone}");
        using var tokens = await _client.PostAsJsonAsync("/tokenize", new { model = "endless", prompt = "The factory" }, Token);
        var read = (await tokens.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>(Token)).GetProperty("tokens").GetRawText();
        (await CompleteAsync($"\"prompt\":{read},\"echo\":true")).Text.ShouldBe($"The factory{alone}");

        using var streamed = await PostAsync("""{"model":"endless","temperature":0,"max_tokens":4,"prompt":"The factory","echo":true,"stream":true}""");
        var chunks = (await streamed.Content.ReadAsStringAsync(Token)).Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal))
            .Select(line => System.Text.Json.JsonSerializer.Deserialize(line[6..], OpenAIJson.Default.Completion).ShouldNotBeNull().Choices[0].Text).ToList();
        chunks[0].ShouldBe("The factory");
        string.Concat(chunks).ShouldBe($"The factory{alone}");
    }

    /// <summary>Three marks more than the two texts have, in their order; nothing may stand before the gap.</summary>
    [Fact]
    public async Task What_stands_between_a_prompt_and_a_suffix_is_filled_in()
    {
        var (before, behind) = (await CountAsync("int a = "), await CountAsync("; return a;"));
        (await CompleteAsync("\"prompt\":\"int a = \",\"suffix\":\"; return a;\"", "thinking")).PromptTokens.ShouldBe(before + behind + 3);
        (await CompleteAsync("\"prompt\":\"\",\"suffix\":\"; return a;\"", "thinking")).PromptTokens.ShouldBe(behind + 3);
        (await CompleteAsync("\"prompt\":\"int a = \",\"suffix\":\"; return a;\",\"echo\":true", "thinking")).Text.ShouldStartWith("int a = ");

        async Task<int> CountAsync(string text)
        {
            using var response = await _client.PostAsJsonAsync("/tokenize", new { model = "thinking", prompt = text }, Token);
            return (await response.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>(Token)).GetProperty("tokens").GetArrayLength();
        }
    }

    [Theory]
    [InlineData("""{"model":"endless","prompt":["a","b"]}""", "prompt")]
    [InlineData("""{"model":"endless","prompt":"a","echo":true,"logprobs":0}""", "echo")]
    [InlineData("""{"model":"endless","prompt":"a","best_of":2}""", "best_of")]
    [InlineData("""{"model":"endless","prompt":"a","logprobs":21}""", "logprobs")]
    [InlineData("""{"model":"endless","prompt":"a","suffix":"z"}""", "suffix")]
    [InlineData("""{"model":"endless","prompt":""}""", "prompt")]
    [InlineData("""{"model":"endless","prompt":"\ud800"}""", "prompt")]
    [InlineData("""{"model":"endless","prompt":"a","stop":"\ud800"}""", "stop")]
    [InlineData("""{"model":"endless","prompt":"a","max_tokens":512}""", "prompt")]
    public async Task What_is_not_supported_is_refused_by_name(string body, string parameter)
    {
        using var response = await PostAsync(body);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error.Param.ShouldBe(parameter);
    }

    /// <summary>Four tokens of the first choice; all of them are alike.</summary>
    private async Task<(string Text, int PromptTokens)> CompleteAsync(string fields, string model = "endless")
    {
        using var response = await PostAsync($$"""{"model":"{{model}}","temperature":0,"max_tokens":4,{{fields}}}""");
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Token));
        var completion = (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.Completion, Token)).ShouldNotBeNull();
        completion.Choices.Select(choice => choice.Text).Distinct().Count().ShouldBe(1);
        return (completion.Choices[0].Text, completion.Usage.ShouldNotBeNull().PromptTokens);
    }

    private async Task<HttpResponseMessage> PostAsync(string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        return await _client.PostAsync("/v1/completions", content, Token);
    }
}
