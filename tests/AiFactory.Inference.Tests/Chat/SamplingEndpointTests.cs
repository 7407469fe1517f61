using System.Net;
using System.Text;
using System.Text.Json;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Native;
using AiFactory.Inference.Tests.Worker;

namespace AiFactory.Inference.Tests.Chat;

/// <summary>What a request may ask of the tokens of its answer, on both routes.</summary>
[Collection(SharedWorker.Name)]
public sealed class SamplingEndpointTests(WorkerFixture fixture)
{
    private readonly HttpClient _client = fixture.Worker.CreateCaller();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("\"guided_choice\":[\"yes\",\"no\",\"mayb\\u00e9\"]", "^(yes|no|mayb\u00e9)$")]
    [InlineData("\"guided_regex\":\"[A-C]{2}-\\\\d{3}\"", "^[A-C]{2}-[0-9]{3}$")]
    [InlineData("\"grammar\":\"root ::= \\\"<\\\" [x-z]{1,5} \\\">\\\"\"", "^<[x-z]{1,5}>$")]
    [InlineData("\"guided_grammar\":\"root ::= [0-9]{4}\"", "^[0-9]{4}$")]
    [InlineData("\"guided_json\":{\"type\":\"integer\",\"minimum\":5,\"maximum\":77}", "^([5-9]|[1-7][0-9])$")]
    [InlineData("\"guided_json\":\"{\\\"const\\\":[1]}\"", "^\\[1\\]$")]
    [InlineData("\"structured_outputs\":{\"choice\":[\"a\",\"b\"]}", "^[ab]$")]
    [InlineData("\"response_format\":{\"type\":\"json_object\",\"schema\":{\"const\":{}}}", "^\\{\\}$")]
    public async Task An_answer_is_held_to_what_is_asked(string fields, string pattern)
    {
        foreach (var model in (string[])["endless", "bytes", "chat"])
        {
            var completion = await CompleteAsync($"\"model\":\"{model}\",\"prompt\":\"x\",\"max_tokens\":60,{fields}");
            completion.Choices.ShouldHaveSingleItem().Text.ShouldMatch(pattern);
            completion.Choices[0].FinishReason.ShouldBe(FinishReasons.Stop);
            var chat = await ChatAsync($"\"model\":\"{model}\",\"max_tokens\":60,\"temperature\":0,{fields}");
            chat.Choices.ShouldHaveSingleItem().Message.Content.ShouldNotBeNull().ShouldMatch(pattern);
        }
    }

    [Fact]
    public async Task Any_object_is_asked_for_by_json_object()
    {
        var choice = (await ChatAsync("\"model\":\"bytes\",\"max_tokens\":400,\"seed\":4,\"response_format\":{\"type\":\"json_object\"}")).Choices[0];
        choice.Message.Content.ShouldNotBeNull().ShouldStartWith("{");
        if (choice.FinishReason == FinishReasons.Stop)
        {
            JsonDocument.Parse(choice.Message.Content).RootElement.ValueKind.ShouldBe(JsonValueKind.Object);
        }
    }

    [Theory]
    [InlineData("\"response_format\":{\"type\":\"xml\"}", "response_format.type", null)]
    [InlineData("\"response_format\":5", "response_format.type", null)]
    [InlineData("\"response_format\":{\"type\":\"json_schema\"}", "response_format.json_schema", null)]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a b\",\"schema\":{}}}", "response_format.json_schema.name", null)]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\"}}", "response_format.json_schema.schema", null)]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":{\"properties\":{\"x\":{\"not\":{}}}}}}", "response_format.json_schema.schema", "invalid_schema")]
    [InlineData("\"guided_json\":false", "guided_json", "invalid_schema")]
    [InlineData("\"guided_json\":\"{\"", "guided_json", null)]
    [InlineData("\"grammar\":\"root ::= (\"", "grammar", "invalid_grammar")]
    [InlineData("\"grammar\":5", "grammar", null)]
    [InlineData("\"guided_regex\":\"(?=a)\"", "guided_regex", "invalid_regex")]
    [InlineData("\"guided_choice\":[]", "guided_choice", null)]
    [InlineData("\"structured_outputs\":{}", "structured_outputs", null)]
    [InlineData("\"grammar\":\"root ::= [a]\",\"guided_regex\":\"a\"", "guided_regex", null)]
    [InlineData("\"logit_bias\":{\"x\":1}", "logit_bias", null)]
    [InlineData("\"logit_bias\":{\"99999999\":1}", "logit_bias", null)]
    [InlineData("\"logit_bias\":{\"5\":101}", "logit_bias.5", null)]
    [InlineData("\"logit_bias\":{\"\\ud800\":1}", "logit_bias", null)]
    [InlineData("\"stop_token_ids\":[-1]", "stop_token_ids", null)]
    [InlineData("\"min_tokens\":-1", "min_tokens", "integer_below_min_value")]
    [InlineData("\"typical_p\":2", "typical_p", "integer_above_max_value")]
    [InlineData("\"n\":0", "n", "integer_below_min_value")]
    [InlineData("\"n\":129", "n", "integer_above_max_value")]
    [InlineData("\"mirostat\":2", "mirostat", "unsupported")]
    [InlineData("\"use_beam_search\":true", "use_beam_search", "unsupported")]
    [InlineData("\"length_penalty\":0.5", "length_penalty", "unsupported")]
    [InlineData("\"add_generation_prompt\":false", "add_generation_prompt", "unsupported")]
    [InlineData("\"allowed_token_ids\":[1]", "allowed_token_ids", "unsupported")]
    [InlineData("\"repeat_penalty\":1.1", "repeat_penalty", "unsupported")]
    public async Task What_is_wrong_is_refused_by_its_field_on_both_routes(string fields, string parameter, string? code)
    {
        foreach (var (path, prompt) in ((string, string)[])[("chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]"), ("completions", "\"prompt\":\"x\"")])
        {
            using var response = await PostAsync(path, $"\"model\":\"endless\",{prompt},{fields}");
            response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            var error = JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(Token), OpenAIJson.Default.ErrorEnvelope).ShouldNotBeNull().Error;
            (error.Param, error.Code).ShouldBe((parameter, code));
        }
    }

    [Fact]
    public async Task Fields_that_ask_for_nothing_are_no_reason_to_refuse() =>
        await CompleteAsync("\"model\":\"endless\",\"prompt\":\"x\",\"max_tokens\":1,\"mirostat\":0,\"use_beam_search\":false,\"length_penalty\":1.0,\"add_generation_prompt\":true,\"documents\":null,\"bad_words\":[],\"best_of\":1,\"unheard_of\":{\"x\":1}");

    [Fact]
    public async Task Log_probabilities_are_told_with_their_tokens()
    {
        const string Fields = "\"model\":\"endless\",\"max_tokens\":6,\"temperature\":0,\"logprobs\":true,\"top_logprobs\":3";
        var choice = (await ChatAsync(Fields)).Choices[0];
        var tokens = choice.Logprobs.ShouldNotBeNull().Content;
        tokens.Count.ShouldBe(6);
        Encoding.UTF8.GetString([.. tokens.SelectMany(token => token.Bytes).Select(value => (byte)value)]).ShouldBe(choice.Message.Content);
        foreach (var token in tokens)
        {
            // Greedy: the token is the most probable one.
            var top = token.TopLogprobs.ShouldNotBeNull();
            top.Count.ShouldBe(3);
            (top[0].Token, top[0].Logprob).ShouldBe((token.Token, token.Logprob));
            top.Select(other => other.Logprob).ShouldBeInOrder(SortDirection.Descending);
            top.Sum(other => Math.Exp(other.Logprob)).ShouldBeInRange(0.0001, 1.0001);
        }

        // Streamed they are the same, and each comes once.
        var chunks = await StreamAsync("chat/completions", $"\"messages\":[{{\"role\":\"user\",\"content\":\"x\"}}],\"stream\":true,{Fields}");
        var streamed = chunks.SelectMany(chunk => chunk.GetProperty("choices").EnumerateArray())
            .Select(one => one.GetProperty("logprobs")).Where(one => one.ValueKind == JsonValueKind.Object)
            .SelectMany(one => one.GetProperty("content").EnumerateArray()).Select(token => (token.GetProperty("token").GetString(), token.GetProperty("logprob").GetSingle()));
        streamed.ShouldBe(tokens.Select(token => ((string?)token.Token, token.Logprob)), ignoreOrder: false);
        (await ChatAsync("\"model\":\"endless\",\"max_tokens\":1")).Choices[0].Logprobs.ShouldBeNull();
    }

    [Fact]
    public async Task A_completion_tells_log_probabilities_in_its_own_form()
    {
        var choice = (await CompleteAsync("\"model\":\"endless\",\"prompt\":\"x\",\"max_tokens\":5,\"temperature\":0,\"logprobs\":2")).Choices[0];
        var told = choice.Logprobs.ShouldNotBeNull();
        string.Concat(told.Tokens).ShouldBe(choice.Text);
        told.TextOffset.ShouldBe(told.Tokens.Select((_, index) => told.Tokens.Take(index).Sum(token => token.Length)));
        told.TopLogprobs.Select((top, index) => top[told.Tokens[index]]).ShouldBe(told.TokenLogprobs);
    }

    [Fact]
    public async Task A_bias_brings_a_token_or_keeps_it_away()
    {
        var plain = (await CompleteAsync("\"model\":\"endless\",\"prompt\":\"x\",\"max_tokens\":4,\"temperature\":0")).Choices[0].Text;
        var brought = (await CompleteAsync("\"model\":\"endless\",\"prompt\":\"x\",\"max_tokens\":4,\"temperature\":0,\"logprobs\":0,\"logit_bias\":{\"300\":100}")).Choices[0];
        brought.Logprobs.ShouldNotBeNull().Tokens.Distinct().ShouldHaveSingleItem();
        brought.Text.ShouldNotBe(plain);
        var away = (await CompleteAsync("\"model\":\"endless\",\"prompt\":\"x\",\"max_tokens\":4,\"logprobs\":0,\"logit_bias\":{\"300\":-100}")).Choices[0];
        away.Logprobs.ShouldNotBeNull().Tokens.ShouldNotContain(brought.Logprobs.Tokens[0]);
    }

    [Fact]
    public async Task The_end_waits_for_the_least_tokens_or_never_comes()
    {
        // The model's ends are made its most probable tokens.
        using var model = LlamaModel.Open(fixture.ToolsPath);
        var fields = $"\"model\":\"tools\",\"max_tokens\":40,\"logit_bias\":{{{string.Join(',', model.EndTokens.Select(token => $"\"{token}\":100"))}}}";
        (await ChatAsync(fields)).Usage.ShouldNotBeNull().CompletionTokens.ShouldBe(1);
        var later = await ChatAsync($"{fields},\"min_tokens\":20");
        (later.Usage.ShouldNotBeNull().CompletionTokens, later.Choices[0].FinishReason).ShouldBe((21, FinishReasons.Stop));
        var never = await ChatAsync($"{fields},\"ignore_eos\":true");
        (never.Usage.ShouldNotBeNull().CompletionTokens, never.Choices[0].FinishReason).ShouldBe((40, FinishReasons.Length));
    }

    [Fact]
    public async Task A_token_of_the_requests_own_ends_the_answer()
    {
        var choice = (await CompleteAsync("\"model\":\"endless\",\"prompt\":\"x\",\"max_tokens\":9,\"temperature\":0,\"logit_bias\":{\"300\":100},\"stop_token_ids\":[300]")).Choices[0];
        (choice.Text, choice.FinishReason).ShouldBe(("", FinishReasons.Stop));
    }

    [Fact]
    public async Task Several_choices_share_their_prompt()
    {
        var prompt = string.Concat(Enumerable.Repeat("The factory makes models. ", 8));
        var several = await CompleteAsync($"\"model\":\"endless\",\"prompt\":\"{prompt}\",\"max_tokens\":8,\"n\":3,\"seed\":5");
        several.Choices.Select(choice => choice.Index).ShouldBe([0, 1, 2]);
        several.Choices.Select(choice => choice.Text).Distinct().Count().ShouldBe(3);
        var one = await CompleteAsync($"\"model\":\"endless\",\"prompt\":\"{prompt}\",\"max_tokens\":8,\"seed\":5");
        var (usage, alone) = (several.Usage.ShouldNotBeNull(), one.Usage.ShouldNotBeNull());
        (usage.PromptTokens, usage.CompletionTokens, usage.TotalTokens).ShouldBe((alone.PromptTokens, 24, alone.PromptTokens + 24));

        var chunks = await StreamAsync("chat/completions", "\"model\":\"endless\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"max_tokens\":5,\"n\":2,\"stream\":true,\"stream_options\":{\"include_usage\":true}");
        var choices = chunks.SelectMany(chunk => chunk.GetProperty("choices").EnumerateArray()).ToList();
        foreach (var index in (int[])[0, 1])
        {
            var own = choices.Where(choice => choice.GetProperty("index").GetInt32() == index).ToList();
            own[0].GetProperty("delta").GetProperty("role").GetString().ShouldBe("assistant");
            own.Count(choice => choice.GetProperty("finish_reason").ValueKind == JsonValueKind.String).ShouldBe(1);
        }

        chunks[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32().ShouldBe(10);
    }

    [Fact]
    public async Task A_grammar_that_is_too_ambiguous_ends_its_own_answer_only()
    {
        using var response = await PostAsync("completions", "\"model\":\"endless\",\"prompt\":\"x\",\"max_tokens\":400,\"logit_bias\":{\"97\":100},\"grammar\":\"root ::= ([a-z] | [a-z] [a-z] | [a-z] [a-z] [a-z]){0,1000000} [0]\\n\"");
        ((int)response.StatusCode).ShouldBeOneOf(200, 400);
        (await CompleteAsync("\"model\":\"endless\",\"prompt\":\"x\",\"max_tokens\":2")).Choices.ShouldHaveSingleItem();
    }

    private async Task<ChatCompletion> ChatAsync(string fields)
    {
        using var response = await PostAsync("chat/completions", $"\"messages\":[{{\"role\":\"user\",\"content\":\"x\"}}],{fields}");
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Token));
        return JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(Token), OpenAIJson.Default.ChatCompletion).ShouldNotBeNull();
    }

    private async Task<Completion> CompleteAsync(string fields)
    {
        using var response = await PostAsync("completions", fields);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Token));
        return JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(Token), OpenAIJson.Default.Completion).ShouldNotBeNull();
    }

    private async Task<List<JsonElement>> StreamAsync(string path, string fields)
    {
        using var response = await PostAsync(path, fields);
        var body = await response.Content.ReadAsStringAsync(Token);
        body.ShouldEndWith("data: [DONE]\n\n");
        return [.. body.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => JsonDocument.Parse(line[6..]).RootElement)];
    }

    private Task<HttpResponseMessage> PostAsync(string path, string fields) =>
        _client.PostAsync($"/v1/{path}", new StringContent($"{{{fields}}}", Encoding.UTF8, "application/json"), Token);
}
