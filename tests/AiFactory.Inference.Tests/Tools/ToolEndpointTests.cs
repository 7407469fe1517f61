using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Chat;
using AiFactory.Inference.Native;
using AiFactory.Inference.Templates.Values;
using AiFactory.Inference.Tests.Schemas;
using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.Tools;

[Collection(SharedWorker.Name)]
public sealed class ToolEndpointTests(WorkerFixture fixture)
{
    private const string Weather = """{"type":"function","function":{"name":"get_weather","description":"Tells it","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}""";
    private const string Ping = """{"type":"function","function":{"name":"ping"}}""";
    private const string User = """{"role":"user","content":"x"}""";

    private readonly HttpClient _client = fixture.Worker.CreateCaller();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("\"tools\":{}", "tools", null)]
    [InlineData("\"tools\":[1]", "tools[0]", null)]
    [InlineData("\"tools\":[{\"type\":\"web_search\"}]", "tools[0].type", "unsupported")]
    [InlineData("\"tools\":[{\"type\":\"function\"}]", "tools[0].function", null)]
    [InlineData($"\"tools\":[{Ping},{{\"type\":\"function\",\"function\":{{\"name\":\"a b\"}}}}]", "tools[1].function.name", null)]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"description\":5}}]", "tools[0].function.description", null)]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":\"x\"}}]", "tools[0].function.parameters", null)]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"description\":\"\\ud800\"}}]", "tools", null)]
    [InlineData("\"tools\":[{\"type\":\"function\",\"\\ud800xx\":1}]", "tools[0]", null)]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"\\ud800xxxxxxxxx\":1}}]", "tools[0].function.name", null)]
    [InlineData($"\"tools\":[{Ping}],\"tool_choice\":\"\\ud800\"", "tool_choice", null)]
    [InlineData($"\"tools\":[{Ping}],\"tool_choice\":{{\"\\ud800xx\":1,\"type\":\"function\",\"function\":{{\"name\":\"ping\",\"\\ud800x\":1}}}}", "tool_choice", null)]
    [InlineData($"\"tools\":[{Ping}],\"tool_choice\":\"maybe\"", "tool_choice", null)]
    [InlineData($"\"tools\":[{Ping}],\"tool_choice\":{{\"type\":\"function\",\"function\":{{\"name\":\"other\"}}}}", "tool_choice.function.name", null)]
    [InlineData($"\"tools\":[{Ping}],\"tool_choice\":{{\"type\":\"allowed_tools\"}}", "tool_choice.type", "unsupported")]
    [InlineData("\"tool_choice\":\"required\"", "tool_choice", null)]
    [InlineData($"\"tools\":[{Ping}],\"parallel_tool_calls\":\"no\"", "parallel_tool_calls", "invalid_json")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"properties\":[1]}}}]", "messages", "chat_template")]
    [InlineData($"\"tools\":[{Ping},{Weather},{Ping}]", "tools[2].function.name", null)]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"strict\":true,\"parameters\":{\"type\":[\"object\",\"null\"]}}}]", "tools[0].function.parameters.type", "invalid_schema")]
    [InlineData("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"strict\":true,\"parameters\":{\"anyOf\":[]}}}]", "tools[0].function.parameters.type", "invalid_schema")]
    public Task A_bad_tool_is_refused_by_its_field(string fields, string parameter, string? code) =>
        RefusedAsync($$"""{"model":"tools","messages":[{{User}}],{{fields}}}""", parameter, code);

    [Fact]
    public Task Tools_that_are_too_long_are_refused_before_they_are_read() =>
        RefusedAsync($$$$"""{"model":"tools","messages":[{{{{User}}}}],"tools":[{"type":"function","function":{"name":"f","strict":true,"description":"{{{{new string('x', 8_000_000)}}}}","parameters":{"type":"object","not":{} } } }] }""", "messages", "context_length_exceeded");

    [Theory]
    [InlineData("""{"role":"assistant","content":null}""", "messages[1].content", null)]
    [InlineData("""{"role":"assistant","tool_calls":{}}""", "messages[1].content", null)]
    [InlineData("""{"role":"assistant","tool_calls":5}""", "messages[1].tool_calls", null)]
    [InlineData("""{"role":"user","content":"x","tool_calls":[{"function":{"name":"f","arguments":"{}"}}]}""", "messages[1].tool_calls", null)]
    [InlineData("""{"role":"assistant","tool_calls":[{"id":"1"}]}""", "messages[1].tool_calls[0].function", null)]
    [InlineData("""{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{}"},"\ud800xxxxxx":1}]}""", "messages[1].tool_calls[0].function", null)]
    [InlineData("""{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"\ud800"}}]}""", "messages[1].tool_calls[0].function.arguments", null)]
    [InlineData("""{"role":"assistant","tool_calls":[{"function":{"arguments":"{}"}}]}""", "messages[1].tool_calls[0].function.name", null)]
    [InlineData("""{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":{}}}]}""", "messages[1].tool_calls[0].function.arguments", null)]
    public Task A_bad_call_is_refused_by_its_field(string message, string parameter, string? code) =>
        RefusedAsync($$"""{"model":"tools","messages":[{{User}},{{message}}]}""", parameter, code);

    /// <summary>A model's call that broke was streamed, and comes back with the conversation.</summary>
    [Theory]
    [InlineData("{\"a\":")]
    [InlineData("[1]")]
    [InlineData("{\"a\": \"\\ud800\"}")]
    public async Task Arguments_that_are_no_object_stay_a_text(string arguments)
    {
        var call = JsonSerializer.SerializeToElement(new[] { new { id = "1", type = "function", function = new { name = "f", arguments } } });
        var request = new List<ChatRequestMessage> { JsonSerializer.Deserialize($$"""{"role":"assistant","content":null,"tool_calls":{{call}}}""", OpenAIJson.Default.ChatRequestMessage).ShouldNotBeNull() };
        ChatMessageReader.Read(request, out var turns).ShouldBeNull();
        var function = (MapValue)((MapValue)turns[0].ToolCalls.ShouldNotBeNull().Items[0]).Find("function").ShouldNotBeNull();
        var text = function.Find("arguments").ShouldBeOfType<StringValue>();
        text.Text.ShouldBe(arguments);
        text.Data.ShouldBe([new TextRange(0, arguments.Length)]);

        using var response = await PostAsync($$"""{"model":"tools","messages":[{{User}},{"role":"assistant","content":null,"tool_calls":{{call}}}],"max_tokens":2}""");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public Task A_model_whose_template_takes_no_tools_says_so() => RefusedAsync($$"""{"model":"chat","messages":[{{User}}],"tools":[{{Ping}}]}""", "tools", "unsupported");

    [Fact]
    public async Task Tools_are_shown_to_the_model_unless_none_may_be_called()
    {
        var without = await PromptTokensAsync("");
        (await PromptTokensAsync($",\"tools\":[{Ping}],\"tool_choice\":\"none\"")).ShouldBe(without);
        (await PromptTokensAsync(",\"tools\":[]")).ShouldBe(without);
        var one = await PromptTokensAsync($",\"tools\":[{Ping}],\"tool_choice\":\"auto\"");
        one.ShouldBeGreaterThan(without);
        (await PromptTokensAsync($",\"tools\":[{Ping},{Weather}],\"parallel_tool_calls\":true")).ShouldBeGreaterThan(one);
    }

    [Fact]
    public async Task Requests_with_tools_are_rendered_by_the_second_template()
    {
        (await RenderAsync("")).ShouldStartWith("<|im_start|>user");
        (await RenderAsync($",\"tools\":[{Ping}]")).ShouldStartWith("With tools:<|im_start|>user");
        (await RenderAsync($",\"tools\":[{Ping}],\"tool_choice\":\"none\"")).ShouldStartWith("<|im_start|>user");
        foreach (var (fields, isSecond) in new[] { ("", false), ($",\"tools\":[{Ping}]", true) })
        {
            using var response = await PostAsync($$"""{"model":"thinking","messages":[{{User}}],"max_tokens":1{{fields}}}""");
            var answer = await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ChatCompletion, Token);
            (answer.ShouldNotBeNull().Usage.ShouldNotBeNull().PromptTokens > 40).ShouldBe(isSecond);
        }

        async Task<string> RenderAsync(string fields)
        {
            using var response = await _client.PostAsync("/apply-template", Json($$"""{"model":"thinking","messages":[{{User}}]{{fields}}}"""), Token);
            return (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("prompt").GetString().ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task A_call_that_is_required_is_begun_for_the_model()
    {
        var answer = await AnswerAsync($",\"tools\":[{Weather}],\"tool_choice\":\"required\"");
        Began(answer).ShouldBe("get_weather");
        answer = await AnswerAsync($",\"tools\":[{Weather},{Ping}],\"tool_choice\":\"required\"");
        Began(answer).ShouldBeOneOf("get_weather", "ping", "");
        answer = await AnswerAsync($",\"tools\":[{Weather},{Ping}],\"tool_choice\":{{\"type\":\"function\",\"function\":{{\"name\":\"ping\"}}}}");
        Began(answer).ShouldBe("ping");

        // Cut before it is whole, what was begun is given back with what followed.
        static string Began(ChatCompletion answer)
        {
            var message = answer.Choices[0].Message;
            return message.ToolCalls?[0].Function.Name
                ?? Array.Find((string[])["get_weather", "ping"], name => message.Content?.StartsWith($"<tool_call>\n{{\"name\": \"{name}\"", StringComparison.Ordinal) == true)
                ?? (message.Content?.StartsWith("<tool_call>\n{\"name\":", StringComparison.Ordinal) == true ? "" : "no call");
        }
    }

    [Fact]
    public async Task A_conversation_with_calls_and_results_is_answered()
    {
        const string Messages = """[{"role":"user","content":"Oslo?"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{\"city\": \"Oslo\"}"}}]},{"role":"tool","tool_call_id":"call_1","content":"rain"}]""";
        using var response = await PostAsync($$"""{"model":"tools","messages":{{Messages}},"tools":[{{Weather}}],"max_tokens":4}""");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var infer = await _client.PostAsync("/infer", Json($$"""{"model":"tools","payload":{"messages":{{Messages}},"tools":[{{Weather}}],"max_tokens":4} }"""), Token);
        infer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await infer.Content.ReadFromJsonAsync(OpenAIJson.Default.InferResponse, Token)).ShouldNotBeNull().Output.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString().ShouldNotBeNull();
    }

    [Fact]
    public async Task Text_is_streamed_the_same_with_tools_as_it_is_whole()
    {
        var whole = await AnswerAsync($",\"tools\":[{Weather}]");
        using var response = await PostAsync($$"""{"model":"tools","messages":[{{User}}],"max_tokens":8,"stream":true,"tools":[{{Weather}}]}""");
        var text = new StringBuilder();
        foreach (var line in (await response.Content.ReadAsStringAsync(Token)).Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)))
        {
            var delta = JsonDocument.Parse(line[6..]).RootElement.GetProperty("choices")[0].GetProperty("delta");
            text.Append(delta.TryGetProperty("content", out var content) ? content.GetString() : "");
        }

        text.ToString().ShouldBe(whole.Choices[0].Message.Content);
    }

    [Fact]
    public async Task The_models_own_sampling_counts_where_the_request_says_nothing()
    {
        using var model = LlamaModel.Open(fixture.ToolsPath);
        model.Sampling.ShouldBe(new SamplingDefaults(Temperature: 0));

        // At a temperature of 0 every answer is the same.
        var texts = new List<string?> { (await AnswerAsync("")).Choices[0].Message.Content, (await AnswerAsync("")).Choices[0].Message.Content, (await AnswerAsync(",\"temperature\":0")).Choices[0].Message.Content };
        texts.Distinct().Count().ShouldBe(1);
    }

    /// <summary>The model has random weights: without a grammar it writes no call.</summary>
    [Fact]
    public async Task A_call_that_is_required_is_held_to_the_parameters()
    {
        const string Schema = """{"type":"object","properties":{"city":{"enum":["Oslo","Rome"]},"days":{"type":"integer","minimum":1,"maximum":14}},"required":["city","days"],"additionalProperties":false}""";
        const string Forecast = $$$"""{"type":"function","function":{"name":"forecast","parameters":{{{Schema}}}}}""";
        var values = new List<string>();
        for (var seed = 0; seed < 6; seed++)
        {
            foreach (var (tools, choice) in ((string, string)[])[($"{Forecast},{Ping}", """{"type":"function","function":{"name":"forecast"}}"""), (Forecast, "\"required\""), ($"{Ping},{Forecast}", "\"required\"")])
            {
                var answer = (await AnswerAsync($",\"tools\":[{tools}],\"tool_choice\":{choice},\"max_tokens\":200,\"parallel_tool_calls\":false,\"temperature\":1,\"seed\":{seed}")).Choices[0];
                answer.FinishReason.ShouldBe(FinishReasons.ToolCalls);
                var call = answer.Message.ToolCalls.ShouldNotBeNull().ShouldHaveSingleItem().Function;
                call.Name.ShouldBeOneOf("forecast", "ping");
                (call.Name == "ping" ? call.Arguments.Trim() : "").ShouldBeOneOf("{}", "{ }", "");
                values.AddRange(call.Name == "forecast" ? [call.Arguments] : []);
            }
        }

        values.Count.ShouldBeGreaterThanOrEqualTo(12);
        (await Ajv.JudgeAsync([(Schema, values)])).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_strict_function_is_held_to_its_parameters_when_the_model_calls_it()
    {
        const string Strict = """{"type":"function","function":{"name":"get","strict":true,"parameters":{"type":"object","properties":{"id":{"type":"integer","minimum":3,"maximum":5}},"required":["id"],"additionalProperties":false}}}""";

        // The model says what it likes; the tokens of the mark are made the most probable ones, and from there on it is held.
        using var model = LlamaModel.Open(fixture.ToolsPath);
        var bias = string.Join(',', model.Tokenize("<tool_call>", addSpecial: false, parseSpecial: true).Distinct().Select(token => $"\"{token}\":100"));
        var plain = (await AnswerAsync($",\"tools\":[{Strict}],\"max_tokens\":30")).Choices[0];
        plain.FinishReason.ShouldBe(FinishReasons.Length);
        plain.Message.Content.ShouldNotBeNullOrEmpty();
        if (model.Tokenize("<tool_call>", addSpecial: false, parseSpecial: true).Length == 1)
        {
            var called = (await AnswerAsync($",\"tools\":[{Strict}],\"max_tokens\":200,\"parallel_tool_calls\":false,\"logit_bias\":{{{bias}}}")).Choices[0];
            called.FinishReason.ShouldBe(FinishReasons.ToolCalls);
            JsonDocument.Parse(called.Message.ToolCalls.ShouldNotBeNull()[0].Function.Arguments).RootElement.GetProperty("id").GetInt32().ShouldBeInRange(3, 5);
        }

        await RefusedAsync($$"""{"model":"tools","messages":[{{User}}],"tools":[{{Strict.Replace("\"minimum\":3", "\"multipleOf\":3", StringComparison.Ordinal)}}]}""", "tools[0].function.parameters", "invalid_schema");
    }

    /// <summary>Not strict, and one whose schema cannot be expressed: that one's arguments are an object.</summary>
    [Theory]
    [InlineData("\"minimum\":3,\"maximum\":5")]
    [InlineData("\"multipleOf\":3")]
    public async Task A_call_that_the_model_begins_is_held_to_the_tools(string limits)
    {
        var tool = $$$$"""{"type":"function","function":{"name":"get","parameters":{"type":"object","properties":{"id":{"type":"integer",{{{{limits}}}}}},"required":["id"]}}}""";
        using var model = LlamaModel.Open(fixture.ToolsPath);
        var mark = model.Tokenize("<tool_call>", addSpecial: false, parseSpecial: true);
        for (var seed = 0; seed < 4; seed++)
        {
            // Random weights call nothing: the mark's own tokens are made likely, and whatever comes is held from there on.
            var bias = string.Join(',', mark.Distinct().Select(token => $"\"{token}\":{100 / mark.Length}"));
            var answer = (await AnswerAsync($",\"tools\":[{tool}],\"max_tokens\":400,\"parallel_tool_calls\":false,\"temperature\":1,\"seed\":{seed},\"logit_bias\":{{{bias}}}")).Choices[0];
            if (answer.Message.ToolCalls is [var call])
            {
                call.Function.Name.ShouldBe("get");
                using var arguments = JsonDocument.Parse(call.Function.Arguments);
                arguments.RootElement.ValueKind.ShouldBe(JsonValueKind.Object);
                (limits.Contains("multipleOf", StringComparison.Ordinal) ? 4 : arguments.RootElement.GetProperty("id").GetInt32()).ShouldBeInRange(3, 5);
            }
            else
            {
                // Too many tokens for the mark: nothing was called.
                answer.Message.Content.ShouldNotBeNull().ShouldNotContain("<tool_call>");
            }
        }
    }

    private async Task<int> PromptTokensAsync(string fields) => (await AnswerAsync(fields)).Usage.ShouldNotBeNull().PromptTokens;

    private async Task<ChatCompletion> AnswerAsync(string fields)
    {
        using var response = await PostAsync($$"""{"model":"tools","messages":[{{User}}],"max_tokens":8{{fields}}}""");
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Token));
        return (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ChatCompletion, Token)).ShouldNotBeNull();
    }

    private async Task RefusedAsync(string body, string parameter, string? code)
    {
        using var response = await PostAsync(body);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = (await response.Content.ReadFromJsonAsync(OpenAIJson.Default.ErrorEnvelope, Token)).ShouldNotBeNull().Error;
        error.Param.ShouldBe(parameter);
        error.Code.ShouldBe(code);
    }

    private Task<HttpResponseMessage> PostAsync(string body) => _client.PostAsync("/v1/chat/completions", Json(body), Token);

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
}
