using System.ClientModel;
using System.Text;
using System.Text.Json;
using AiFactory.Inference.Templates.Values;
using AiFactory.Inference.Tools;
using AiFactory.Inference.Tools.Formats;
using OpenAI;
using OpenAI.Chat;

namespace AiFactory.Inference.Tests.Tools;

/// <summary>Answers that call tools, read by the official client.</summary>
public sealed class ToolAnswerTests
{
    private const string TwoCalls =
        "I look it up.\n<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Tromsø\", \"days\": 1.50}}\n</tool_call>\n<tool_call>\n{\"name\": \"ping\", \"arguments\": {}}\n</tool_call>";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_client_reads_calls()
    {
        await using var chat = await ScriptedChat.StartAsync(TwoCalls);
        ChatCompletion answer = await Client(chat).CompleteChatAsync([new UserChatMessage("x")], cancellationToken: Token);

        answer.FinishReason.ShouldBe(ChatFinishReason.ToolCalls);
        answer.Content[0].Text.ShouldBe("I look it up.");
        answer.ToolCalls.Select(call => (call.FunctionName, call.FunctionArguments.ToString()))
            .ShouldBe([("get_weather", """{"city": "Tromsø", "days": 1.50}"""), ("ping", "{}")]);
        answer.ToolCalls.ShouldAllBe(call => call.Id.StartsWith("call_", StringComparison.Ordinal));
        answer.ToolCalls[0].Id.ShouldNotBe(answer.ToolCalls[1].Id);
        answer.Usage.OutputTokenCount.ShouldBe(5);
    }

    [Fact]
    public async Task The_client_reads_calls_while_they_are_generated()
    {
        await using var chat = await ScriptedChat.StartAsync(TwoCalls);
        var (text, arguments, ids, names) = ("", new Dictionary<int, StringBuilder>(), new Dictionary<int, string>(), new Dictionary<int, string>());
        ChatFinishReason? finish = null;
        var pieces = 0;
        await foreach (var update in Client(chat).CompleteChatStreamingAsync([new UserChatMessage("x")], cancellationToken: Token))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            finish = update.FinishReason ?? finish;
            foreach (var call in update.ToolCallUpdates)
            {
                pieces++;
                arguments.TryAdd(call.Index, new StringBuilder());
                arguments[call.Index].Append(call.FunctionArgumentsUpdate?.ToString());
                if (call.ToolCallId is { Length: > 0 } id)
                {
                    ids.Add(call.Index, id);
                    names.Add(call.Index, call.FunctionName);
                }
            }
        }

        text.ShouldBe("I look it up.");
        finish.ShouldBe(ChatFinishReason.ToolCalls);
        names.ShouldBe(new Dictionary<int, string> { [0] = "get_weather", [1] = "ping" });
        ids.Values.Distinct().Count().ShouldBe(2);
        arguments[0].ToString().ShouldBe("""{"city": "Tromsø", "days": 1.50}""");
        arguments[1].ToString().ShouldBe("{}");
        pieces.ShouldBeGreaterThan(6);
    }

    private const string Mistral = "[TOOL_CALLS]get_weather[ARGS]{\"city\": \"Oslo\"}[TOOL_CALLS]ping[ARGS]{}";
    private const string MistralList = "[TOOL_CALLS][{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Oslo\"}}, {\"name\": \"ping\", \"arguments\": {}}]";
    private const string Qwen3Coder = "<tool_call>\n<function=get_weather>\n<parameter=city>\nOslo\n</parameter>\n</function>\n</tool_call>\n<tool_call>\n<function=ping>\n</function>\n</tool_call>";
    private const string Kimi = "<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{\"city\": \"Oslo\"}<|tool_call_end|><|tool_call_begin|>functions.ping:1<|tool_call_argument_begin|>{}<|tool_call_end|><|tool_calls_section_end|>";

    public static TheoryData<string, string> Formats => new()
    {
        { nameof(CallFormats.MistralNamed), Mistral },
        { nameof(CallFormats.MistralList), MistralList },
        { nameof(CallFormats.Qwen3Coder), Qwen3Coder },
        { nameof(CallFormats.Kimi), Kimi },
    };

    /// <summary>Two calls, free and begun for the model, whole and streamed; and only the first where no more are wanted.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public async Task The_client_reads_calls_that_are_written_in_another_way(string name, string answer)
    {
        var format = (CallFormat)typeof(CallFormats).GetField(name).ShouldNotBeNull().GetValue(null).ShouldNotBeNull();
        foreach (var use in (ToolUse[])[new(new ListValue([])) { Format = format }, new(new ListValue([]), IsRequired: true) { Format = format }, new(new ListValue([]), IsSingle: true) { Format = format }])
        {
            answer.ShouldStartWith(use.Opening);
            await using var chat = await ScriptedChat.StartAsync(answer[use.Opening.Length..], use);
            ChatCompletion whole = await Client(chat).CompleteChatAsync([new UserChatMessage("x")], cancellationToken: Token);

            whole.FinishReason.ShouldBe(ChatFinishReason.ToolCalls);
            whole.Content.ShouldBeEmpty();
            string[] calls = ["get_weather{\"city\": \"Oslo\"}", "ping{}"];
            whole.ToolCalls.Select(call => call.FunctionName + call.FunctionArguments).ShouldBe(use.IsSingle ? calls[..1] : calls);
            (await StreamAsync(chat)).ShouldBe(("", use.IsSingle ? calls[0] : string.Concat(calls), ChatFinishReason.ToolCalls));
        }
    }

    [Fact]
    public async Task A_bare_object_is_a_call_only_at_the_beginning_and_with_a_name()
    {
        var use = new ToolUse(new ListValue([])) { Format = CallFormats.Llama, Functions = [new ToolFunction("ping", null, IsStrict: false)] };
        await using var call = await ScriptedChat.StartAsync("{\"name\": \"ping\", \"parameters\": {\"a\": 1}}", use);
        (await StreamAsync(call)).ShouldBe(("", "ping{\"a\": 1}", ChatFinishReason.ToolCalls));
        await using var tagged = await ScriptedChat.StartAsync("<|python_tag|>{\"name\": \"ping\", \"parameters\": {}}", use);
        (await StreamAsync(tagged)).ShouldBe(("", "ping{}", ChatFinishReason.ToolCalls));
        foreach (var text in (string[])["{\"city\": \"Oslo\"}", "See {\"name\": \"ping\", \"parameters\": {}}", "{ no call }", "{\"name\": \"Bob\", \"age\": 3}", "{\n  \"name\": \"Bob\"\n}", "{\"name\": \"ping\"}", "{\"age\": 3, \"name\": \"ping\"}", "{{\"name\": \"ping\", \"parameters\": {}}"])
        {
            await using var chat = await ScriptedChat.StartAsync(text, use);
            (await StreamAsync(chat)).ShouldBe((text, "", ChatFinishReason.Stop));
        }
    }

    /// <summary>A text stays one whatever it looks like, where the schema lets it be a text.</summary>
    [Theory]
    [InlineData("<parameter=zip>\n90210\n</parameter>", "{\"zip\": \"90210\"}")]
    [InlineData("<parameter=zip>\nnull\n</parameter>", "{\"zip\": null}")]
    [InlineData("<parameter=five>\n5\n</parameter>", "{\"five\": \"5\"}")]
    [InlineData("<parameter=named>\ntrue\n</parameter>", "{\"named\": \"true\"}")]
    [InlineData("<parameter=days>\n3\n</parameter>", "{\"days\": 3}")]
    public async Task Values_in_tags_have_the_types_of_their_schema(string parameter, string arguments)
    {
        const string Schema = """{"type":"object","properties":{"zip":{"anyOf":[{"type":"string"},{"type":"null"}]},"five":{"const":"5"},"named":{"$ref":"#/$defs/name"},"days":{"type":"integer"}},"$defs":{"name":{"type":"string"}}}""";
        var use = new ToolUse(new ListValue([])) { Format = CallFormats.Qwen3Coder, Functions = [new ToolFunction("f", JsonDocument.Parse(Schema).RootElement, IsStrict: false)] };
        await using var chat = await ScriptedChat.StartAsync($"<tool_call>\n<function=f>\n{parameter}\n</function>\n</tool_call>", use);
        (await StreamAsync(chat)).ShouldBe(("", $"f{arguments}", ChatFinishReason.ToolCalls));
    }

    [Fact]
    public async Task An_argument_that_comes_twice_and_a_name_that_a_tag_ends_make_no_call()
    {
        const string Twice = "<tool_call><function=f><parameter=a>1</parameter><parameter=a>2</parameter></function></tool_call>";
        await using var twice = await ScriptedChat.StartAsync(Twice, new ToolUse(new ListValue([])) { Format = CallFormats.Qwen3Coder });
        (await WholeAsync(twice)).GetProperty("message").GetProperty("content").GetString().ShouldBe(Twice);

        await using var tag = await ScriptedChat.StartAsync("<tool_call>get_weather<b>hi", new ToolUse(new ListValue([])) { Format = CallFormats.Glm });
        (await StreamAsync(tag)).Text.ShouldBe("<b>hi");
    }

    /// <summary>Mistral's templates refuse ids of another length when they come back.</summary>
    [Fact]
    public async Task Ids_are_of_the_length_that_the_template_takes()
    {
        await using var chat = await ScriptedChat.StartAsync(Mistral, new ToolUse(new ListValue([])) { Format = CallFormats.MistralNamed });
        ChatCompletion answer = await Client(chat).CompleteChatAsync([new UserChatMessage("x")], cancellationToken: Token);
        answer.ToolCalls.ShouldAllBe(call => call.Id.Length == 9 && call.Id.All(char.IsAsciiLetterOrDigit));
        answer.ToolCalls[0].Id.ShouldNotBe(answer.ToolCalls[1].Id);
    }

    [Fact]
    public async Task An_answer_that_only_calls_has_no_content()
    {
        await using var chat = await ScriptedChat.StartAsync("<tool_call>{\"name\": \"ping\", \"arguments\": {}}</tool_call>");
        var message = await WholeAsync(chat);
        message.GetProperty("message").GetProperty("content").ValueKind.ShouldBe(JsonValueKind.Null);
        message.GetProperty("finish_reason").GetString().ShouldBe("tool_calls");
        message.GetProperty("message").GetProperty("tool_calls")[0].GetProperty("type").GetString().ShouldBe("function");
    }

    [Theory]
    [InlineData("<tool_call>{\"name\": \"ping\", oops</tool_call> ")]
    [InlineData("Text <tool_call>\nnothing\n</tool_call>")]
    [InlineData("<tool_call>{\"name\": \"ping\", \"arguments\": {\"a\": 01}}</tool_call>")]
    public async Task What_is_no_call_is_given_back(string answer)
    {
        await using var chat = await ScriptedChat.StartAsync(answer);
        var choice = await WholeAsync(chat);
        choice.GetProperty("message").GetProperty("content").GetString().ShouldBe(answer);
        choice.GetProperty("message").TryGetProperty("tool_calls", out _).ShouldBeFalse();
        choice.GetProperty("finish_reason").GetString().ShouldBe("stop");
    }

    [Fact]
    public async Task A_call_that_was_cut_off_is_no_call()
    {
        const string Answer = "<tool_call>{\"name\": \"ping\", \"arguments\": {\"a\": ";
        await using var chat = await ScriptedChat.StartAsync(Answer, finishReason: "length");
        var choice = await WholeAsync(chat);
        choice.GetProperty("message").GetProperty("content").GetString().ShouldBe(Answer);
        choice.GetProperty("finish_reason").GetString().ShouldBe("length");
    }

    [Fact]
    public async Task A_call_that_was_begun_for_the_model_is_read_from_its_beginning()
    {
        await using var chat = await ScriptedChat.StartAsync(" {\"city\": \"Oslo\"}}\n", new ToolUse(new ListValue([]), IsRequired: true, RequiredName: "get_weather"));
        ChatCompletion answer = await Client(chat).CompleteChatAsync([new UserChatMessage("x")], cancellationToken: Token);
        answer.ToolCalls[0].FunctionName.ShouldBe("get_weather");
        answer.ToolCalls[0].FunctionArguments.ToString().ShouldBe("""{"city": "Oslo"}""");
        answer.Content.ShouldBeEmpty();

        var streamed = "";
        await foreach (var update in Client(chat).CompleteChatStreamingAsync([new UserChatMessage("x")], cancellationToken: Token))
        {
            streamed += string.Concat(update.ToolCallUpdates.Select(call => call.FunctionName + call.FunctionArgumentsUpdate));
        }

        streamed.ShouldBe("""get_weather{"city": "Oslo"}""");
    }

    /// <summary>Models forget the end mark, and arguments may hold it: the call itself ends the answer.</summary>
    [Theory]
    [InlineData("<tool_call>{\"name\": \"ping\", \"arguments\": {}}\n<tool_call>{\"name\": \"pong\", \"arguments\": {}}")]
    [InlineData("<tool_call>{\"name\": \"ping\", \"arguments\": {}}\n</tool_call>\nAnd more.")]
    [InlineData("<tool_call>{\"name\": \"ping\", \"arguments\": {}}<tool_call>{\"name\": \"po")]
    public async Task An_answer_of_one_call_ends_behind_it(string answer)
    {
        await using var chat = await ScriptedChat.StartAsync(answer, finishReason: "length", isSingle: true);
        var choice = await WholeAsync(chat);
        choice.GetProperty("finish_reason").GetString().ShouldBe("tool_calls");
        choice.GetProperty("message").GetProperty("content").ValueKind.ShouldBe(JsonValueKind.Null);
        choice.GetProperty("message").GetProperty("tool_calls").EnumerateArray().ShouldHaveSingleItem();

        (await StreamAsync(chat)).ShouldBe(("", "ping{}", ChatFinishReason.ToolCalls));
    }

    [Fact]
    public async Task One_call_may_hold_the_mark_that_ends_it()
    {
        await using var chat = await ScriptedChat.StartAsync("<tool_call>{\"name\": \"ping\", \"arguments\": {\"a\": \"</tool_call>\"}}</tool_call>", isSingle: true);
        (await StreamAsync(chat)).ShouldBe(("", "ping{\"a\": \"</tool_call>\"}", ChatFinishReason.ToolCalls));
    }

    /// <summary>What was streamed of the broken call cannot be taken back; the reason tells the client to run none.</summary>
    [Fact]
    public async Task A_broken_call_beside_a_good_one_is_no_reason_to_call_when_it_was_streamed()
    {
        await using var chat = await ScriptedChat.StartAsync("<tool_call>{\"name\": \"ping\", \"arguments\": {}}</tool_call><tool_call>{\"name\": \"pong\", \"arguments\": {\"a\": 01}}</tool_call>");
        (await StreamAsync(chat)).Finish.ShouldBe(ChatFinishReason.Stop);

        // Whole, it is text, and only the good one a call.
        var choice = await WholeAsync(chat);
        choice.GetProperty("finish_reason").GetString().ShouldBe("tool_calls");
        choice.GetProperty("message").GetProperty("tool_calls").EnumerateArray().ShouldHaveSingleItem();
    }

    private static async Task<(string Text, string Calls, ChatFinishReason? Finish)> StreamAsync(ScriptedChat chat)
    {
        var (text, calls, finish) = ("", "", (ChatFinishReason?)null);
        await foreach (var update in Client(chat).CompleteChatStreamingAsync([new UserChatMessage("x")], cancellationToken: Token))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            calls += string.Concat(update.ToolCallUpdates.Select(call => call.FunctionName + call.FunctionArgumentsUpdate));
            finish = update.FinishReason ?? finish;
        }

        return (text, calls, finish);
    }

    private static ChatClient Client(ScriptedChat chat) =>
        new OpenAIClient(new ApiKeyCredential("x"), new OpenAIClientOptions { Endpoint = chat.Address }).GetChatClient("scripted");

    private static async Task<JsonElement> WholeAsync(ScriptedChat chat)
    {
        using var http = new HttpClient();
        using var response = await http.PostAsync($"{chat.Address}/chat/completions", new StringContent("{}", Encoding.UTF8, "application/json"), Token);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("choices")[0].Clone();
    }
}
