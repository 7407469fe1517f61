using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.Reasoning;

[Collection(SharedWorker.Name)]
public sealed class ReasoningEndpointTests(WorkerFixture fixture)
{
    private const string Ping = """{"type":"function","function":{"name":"ping","parameters":{"type":"object","properties":{},"additionalProperties":false}}}""";

    private readonly HttpClient _client = fixture.Worker.CreateCaller();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_model_thinks_is_no_content()
    {
        var answer = await AnswerAsync("");
        answer.Choices[0].Message.ReasoningContent.ShouldNotBeNullOrWhiteSpace();
        answer.Choices[0].Message.Content.ShouldBe("");
        answer.Choices[0].FinishReason.ShouldBe("length");
        answer.Usage!.CompletionTokensDetails!.ReasoningTokens.ShouldBe(answer.Usage.CompletionTokens!.Value);

        var raw = await AnswerAsync(",\"reasoning_format\":\"none\"");
        raw.Choices[0].Message.ReasoningContent.ShouldBeNull();
        raw.Choices[0].Message.Content!.Trim().ShouldBe(answer.Choices[0].Message.ReasoningContent!.Trim());
        var silent = (await AnswerAsync(",\"include_reasoning\":false")).Choices[0].Message;
        (silent.Content, silent.ReasoningContent).ShouldBe(("", null));
    }

    [Fact]
    public async Task The_templates_switch_turns_it_off()
    {
        var answer = await AnswerAsync(",\"chat_template_kwargs\":{\"enable_thinking\":false}");
        answer.Choices[0].Message.ReasoningContent.ShouldBeNull();
        answer.Choices[0].Message.Content.ShouldNotBeNullOrWhiteSpace();
        answer.Usage!.CompletionTokensDetails!.ReasoningTokens.ShouldBe(0);
    }

    [Fact]
    public async Task Thoughts_are_streamed_as_they_come()
    {
        var whole = await AnswerAsync("");
        using var response = await PostAsync(Body(",\"stream\":true,\"stream_options\":{\"include_usage\":true}"));
        var (thought, content, deltas, tokens) = (new StringBuilder(), "", 0, 0);
        foreach (var chunk in (await response.Content.ReadAsStringAsync(Token)).Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal))
            .Select(line => JsonSerializer.Deserialize(line[6..], OpenAIJson.Default.ChatCompletionChunk).ShouldNotBeNull()))
        {
            tokens = chunk.Usage?.CompletionTokensDetails?.ReasoningTokens ?? tokens;
            foreach (var delta in chunk.Choices.Select(choice => choice.Delta))
            {
                deltas += delta.ReasoningContent is null ? 0 : 1;
                thought.Append(delta.ReasoningContent);
                content += delta.Content;
            }
        }

        (thought.ToString(), content).ShouldBe((whole.Choices[0].Message.ReasoningContent, ""));
        deltas.ShouldBeGreaterThan(3);
        tokens.ShouldBe(whole.Usage!.CompletionTokens!.Value);
    }

    /// <summary>The grammar waits for the end of the thoughts; where the prompt has ended them it holds the answer from its first token.</summary>
    [Fact]
    public async Task A_held_answer_may_be_thought_about()
    {
        const string Format = ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":{\"enum\":[true]}}}";
        var thinking = (await AnswerAsync(Format)).Choices[0];
        thinking.Message.ReasoningContent.ShouldBe((await AnswerAsync("")).Choices[0].Message.ReasoningContent);
        thinking.Message.Content.ShouldBe("");
        var answering = (await AnswerAsync($"{Format},\"chat_template_kwargs\":{{\"enable_thinking\":false}}")).Choices[0];
        (answering.Message.Content, answering.Message.ReasoningContent).ShouldBe(("true", null));
    }

    [Fact]
    public async Task A_call_that_is_required_comes_behind_the_thoughts()
    {
        var tools = $",\"tools\":[{Ping}],\"tool_choice\":\"required\"";
        var thinking = (await AnswerAsync(tools)).Choices[0].Message;
        thinking.ReasoningContent.ShouldNotBeNullOrWhiteSpace();
        thinking.ToolCalls.ShouldBeNull();
        var calling = (await AnswerAsync($"{tools},\"parallel_tool_calls\":false,\"chat_template_kwargs\":{{\"enable_thinking\":false}}")).Choices[0];
        calling.Message.ToolCalls.ShouldHaveSingleItem().Function.Name.ShouldBe("ping");
        calling.FinishReason.ShouldBe("tool_calls");
    }

    [Fact]
    public async Task Thoughts_that_are_sent_back_reach_the_template()
    {
        const string Messages = """[{"role":"user","content":"x"},{"role":"assistant","content":"y"THOUGHT},{"role":"user","content":"z"}]""";
        (await RenderAsync(",\"reasoning_content\":\"Hm\"")).ShouldContain("<think>Hm</think>y");
        (await RenderAsync(",\"reasoning\":\"Hm\"")).ShouldContain("<think>Hm</think>y");
        (await RenderAsync("")).ShouldContain("assistant\ny");

        async Task<string> RenderAsync(string thought)
        {
            using var response = await _client.PostAsync("/apply-template", Json($$"""{"model":"thinking","messages":{{Messages.Replace("THOUGHT", thought, StringComparison.Ordinal)}}}"""), Token);
            return (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("prompt").GetString().ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task A_response_has_an_item_of_what_was_thought()
    {
        using var response = await _client.PostAsync("/v1/responses", Json("""{"model":"thinking","input":"x","max_output_tokens":8,"reasoning":{"summary":"auto"}}"""), Token);
        var body = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        var output = body.GetProperty("output");
        output[0].GetProperty("type").GetString().ShouldBe("reasoning");
        output[0].GetProperty("summary").GetArrayLength().ShouldBe(0);
        output[0].GetProperty("content")[0].GetProperty("type").GetString().ShouldBe("reasoning_text");
        output[0].GetProperty("content")[0].GetProperty("text").GetString().ShouldNotBeNullOrWhiteSpace();
        (output.GetArrayLength(), output[0].GetProperty("status").GetString(), body.GetProperty("status").GetString()).ShouldBe((1, "incomplete", "incomplete"));
        body.GetProperty("usage").GetProperty("output_tokens_details").GetProperty("reasoning_tokens").GetInt32().ShouldBe(8);
    }

    [Theory]
    [InlineData("thinking", "\"reasoning_format\":\"deepseek-legacy\"", "reasoning_format")]
    [InlineData("thinking", "\"chat_template_kwargs\":{\"enable_thinking\":\"no\"}", "chat_template_kwargs.enable_thinking")]
    [InlineData("thinking", "\"reasoning_effort\":\"low\"", "reasoning_effort")]
    [InlineData("thinking", "\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"reasoning_content\":\"y\"}]", "messages[0].reasoning_content")]
    [InlineData("thinking", "\"messages\":[{\"role\":\"assistant\",\"content\":\"x\",\"reasoning\":5}]", "messages[0].reasoning")]
    public async Task What_cannot_be_is_refused_by_its_field(string model, string field, string parameter)
    {
        using var response = await PostAsync($$"""{"model":"{{model}}","messages":[{"role":"user","content":"x"}],{{field}}}""");
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error.Param.ShouldBe(parameter);
    }

    private async Task<ChatCompletion> AnswerAsync(string fields)
    {
        using var response = await PostAsync(Body(fields));
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Token));
        return (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ChatCompletion, Token)).ShouldNotBeNull();
    }

    private static string Body(string fields) => $$"""{"model":"thinking","messages":[{"role":"user","content":"x"}],"max_tokens":24{{fields}}}""";

    private Task<HttpResponseMessage> PostAsync(string body) => _client.PostAsync("/v1/chat/completions", Json(body), Token);

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
