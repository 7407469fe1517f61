using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiFactory.Contracts.Guardrails;
using AiFactory.Gateway.Guardrails;
using AiFactory.Gateway.Guardrails.Answers;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Tests.Guardrails;

/// <summary>What becomes of a streamed answer, without a wire.</summary>
public sealed class AnswerStreamTests
{
    private static readonly JsonSerializerOptions Escaping = new() { Encoder = JavaScriptEncoder.Default };

    private static readonly GuardrailRule NoCards = new() { Name = "no-cards", Kind = "pii", Action = "mask", Entities = ["credit-card", "email"] };
    private static readonly GuardrailRule Stop = new() { Name = "stop", Kind = "pattern", Action = "block", Pattern = "z{3} ?a" };

    private static readonly string[] Parts =
        ["ada@example.org", "@", ".", " ", "4111 1111 1111 1111", "4111-1111-1111-1112", "1", "DE89 3704 0044 0532 0130 00", "rocket", "😀", "é", "\n", "\"", "\\", "zzz", "10.0.0.1", "aif_abcdefghijklm", "the", "a"];

    /// <summary>A secret cut over two events at every place, and the bytes of the stream at every tenth.</summary>
    [Theory]
    [InlineData("delta/content")]
    [InlineData("delta/reasoning_content")]
    [InlineData("delta/tool_calls")]
    [InlineData("delta/unheard_of")]
    [InlineData("text")]
    public void A_secret_cut_at_every_place_is_masked_wherever_it_stands(string place)
    {
        const string text = "é card: 4111 1111 1111 1111, 😀ada@example.org.";
        for (var cut = 0; cut <= text.Length; cut++)
        {
            var events = Event(place, 0, text[..cut]) + Event(place, 0, text[cut..]) + Finish(place, 0) + "data: [DONE]\n\n";
            var output = Run(place == "text" ? Operation.Completion : Operation.ChatCompletion, [NoCards], Pieces(events, 1 + (cut * 7 % 50)), out var error);

            error.ShouldBeNull();
            Texts(output)[(0, place)].ShouldBe("é card: [CREDIT_CARD], 😀[EMAIL].", $"cut at {cut}");
            output.ShouldEndWith("data: [DONE]\n\n");
        }
    }

    [Fact]
    public void Random_answers_are_the_same_streamed_and_whole()
    {
        var random = new Random(9);
        GuardrailRule[] rules =
        [
            NoCards with { Entities = GuardrailEntities.All },
            new() { Name = "words", Kind = "words", Action = "mask", Words = ["rocket", "the a"] },
            Stop,
        ];
        var policy = Policy(rules); // once, as the gateway does it: that takes longer than all answers
        var (blocked, masked) = (0, 0);
        for (var i = 0; i < 1_500; i++)
        {
            var texts = Enumerable.Range(0, random.Next(1, 4)).Select(choice => (Choice: choice, Content: RandomText(random), Arguments: RandomText(random))).ToArray();
            var whole = Whole(policy, texts);
            var output = Run(Operation.ChatCompletion, policy, Pieces(Stream(texts, random), random.Next(1, 400)), out var error);

            (error is null).ShouldBe(whole is not null);
            if (whole is null)
            {
                blocked++;
                error?.Body.Code.ShouldBe("content_filter");
                continue;
            }

            var streamed = Texts(output);
            foreach (var (choice, content, arguments) in texts)
            {
                var message = whole["choices"]![choice]!["message"]!; // as it was made
                var (expected, called) = (message["content"]!.GetValue<string>(), message["tool_calls"]![0]!["function"]!["arguments"]!.GetValue<string>());
                streamed.GetValueOrDefault((choice, "delta/content"), "").ShouldBe(expected);
                streamed.GetValueOrDefault((choice, "delta/tool_calls"), "").ShouldBe(called);
                masked += expected == content && called == arguments ? 0 : 1;
            }
        }

        (blocked, masked).ShouldSatisfyAllConditions(count => count.blocked.ShouldBeGreaterThan(30), count => count.masked.ShouldBeGreaterThan(300));
    }

    [Fact]
    public void What_nothing_is_found_in_passes_byte_for_byte_and_at_once()
    {
        const string odd = ": comment\n\nevent: x\ndata:{\"choices\" : [ {\"delta\":{\"content\":\"caf\\u00e9 . \"}, \"index\":0,\"logprobs\":null} ], \"x\":1.50}\r\n\r\n";
        var guarding = Guard(Operation.ChatCompletion, NoCards with { Action = "flag" });

        Encoding.UTF8.GetString(guarding.Answers!.Stream.Pass(Encoding.UTF8.GetBytes(odd)).Span).ShouldBe(odd); // there are rules
    }

    /// <summary>What a client's parser makes of them is what rules read; what is not masked stays as it was written.</summary>
    [Fact]
    public void Escapes_within_the_arguments_of_calls_hide_nothing_whole_or_cut_at_every_place()
    {
        const string arguments = """{"to":"ada\u0040example.org","path":"a\/b \ud83d\ude00","card":"\u0034111 1111\u00201111 1111","lines":"x\nada@example.org\n","end":"\\"}""";
        const string masked = """{"to":"[EMAIL]","path":"a\/b \ud83d\ude00","card":"[CREDIT_CARD]","lines":"x\n[EMAIL]\n","end":"\\"}""";
        Whole(Policy([NoCards]), [(0, "", arguments)])!["choices"]![0]!["message"]!["tool_calls"]![0]!["function"]!["arguments"]!.GetValue<string>().ShouldBe(masked); // it may pass
        Should.NotThrow(() => JsonNode.Parse(masked));
        for (var cut = 0; cut <= arguments.Length; cut++)
        {
            var events = Event("delta/tool_calls", 0, arguments[..cut]) + Event("delta/tool_calls", 0, arguments[cut..]) + Finish("delta/tool_calls", 0);
            var output = Run(Operation.ChatCompletion, [NoCards], Pieces(events, 1 + (cut * 7 % 50)), out var error);

            error.ShouldBeNull();
            Texts(output)[(0, "delta/tool_calls")].ShouldBe(masked, $"cut at {cut}");
        }
    }

    [Fact]
    public void Escapes_within_the_arguments_of_a_streamed_response_hide_nothing()
    {
        var events = string.Concat(((string[])["{\\\"to\\\":\\\"ada\\\\u0", "040example.org\\\"}"]).Select(piece => $$"""data: {"type":"response.function_call_arguments.delta","item_id":"f","output_index":0,"delta":"{{piece}}"}{{"\n\n"}}"""))
            + """data: {"type":"response.function_call_arguments.done","output_index":0,"arguments":"{\"to\":\"ada\\u0040example.org\"}"}""" + "\n\n";
        var output = Run(Operation.Response, [NoCards], Pieces(events, 40), out _);

        var parts = output.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(one => JsonNode.Parse(one["data: ".Length..])!).ToList(); // as they were made
        string.Concat(parts.Select(part => part["delta"]?.GetValue<string>())).ShouldBe("""{"to":"[EMAIL]"}""");
        parts[^1]["arguments"]?.GetValue<string>().ShouldBe("""{"to":"[EMAIL]"}""");
    }

    /// <summary>Or half of a finding would be given out, and never be one.</summary>
    [Fact]
    public void A_part_that_ends_ends_no_other_part_of_its_item()
    {
        string[] events =
        [
            """{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"Mail ada@ex"}""",
            """{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"to b@c"}""",
            """{"type":"response.reasoning_summary_text.done","output_index":0,"summary_index":0,"text":"to b@c"}""",
            """{"type":"response.reasoning_summary_part.done","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":"to b@c"}}""",
            """{"type":"response.output_text.done","output_index":0,"content_index":1,"text":""}""",
            """{"type":"response.content_part.done","output_index":0,"content_index":1,"part":{"type":"output_text","text":""}}""",
            """{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"ample.org"}""",
            """{"type":"response.output_text.done","output_index":0,"content_index":0,"text":"Mail ada@example.org"}""",
        ];
        var output = Run(Operation.Response, [NoCards], [Encoding.UTF8.GetBytes(string.Concat(events.Select(one => $"data: {one}\n\n")))], out _);

        var deltas = output.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(one => JsonNode.Parse(one["data: ".Length..])!).Where(one => one["delta"] is not null).ToList(); // as they were made
        string.Concat(deltas.Where(delta => delta["content_index"] is not null).Select(delta => delta["delta"]!.GetValue<string>())).ShouldBe("Mail [EMAIL]");
        string.Concat(deltas.Where(delta => delta["summary_index"] is not null).Select(delta => delta["delta"]!.GetValue<string>())).ShouldBe("to b@c");
    }

    /// <summary>As in whole answers: what a member's name says is no proof.</summary>
    [Fact]
    public void Texts_that_stand_where_marks_and_files_do_are_looked_into_and_marks_pass_at_once()
    {
        const string chunk = """data: {"choices":[{"index":0,"delta":{"role":"assistant","name":"PUT","type":"PUT","url":"PUT","data":["PUT"],"tool_calls":[{"index":0,"id":"call_1|fc_2","type":"function","function":{"name":"mail PUT"}}]},"finish_reason":null}]}""" + "\n\n";
        var output = Run(Operation.ChatCompletion, [NoCards], [Encoding.UTF8.GetBytes(chunk.Replace("PUT", "ada@example.org", StringComparison.Ordinal))], out var error);

        error.ShouldBeNull();
        output.ShouldBe(chunk.Replace("PUT", "[EMAIL]", StringComparison.Ordinal));
        var blocked = Run(Operation.ChatCompletion, [Stop], [Encoding.UTF8.GetBytes(chunk.Replace("PUT", "zzz a", StringComparison.Ordinal))], out error);
        error.ShouldNotBeNull();
        blocked.ShouldNotContain("zzz");
    }

    [Fact]
    public void What_is_kept_back_comes_before_the_choice_s_end_and_names_are_not_said_twice()
    {
        var events = """data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":1,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"mail","arguments":"{\"to\":\"ada@example.org"}}]},"finish_reason":null}]}"""
            + "\n\n" + Finish("delta/tool_calls", 1);
        var output = Run(Operation.ChatCompletion, [NoCards], [Encoding.UTF8.GetBytes(events)], out _);

        output.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).ShouldBe(
        [
            """data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":1,"delta":{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"mail","arguments":"{\"to\":\""}}]},"finish_reason":null}]}""",
            """data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":1,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"[EMAIL]"}}]},"finish_reason":null}]}""",
            Finish("delta/tool_calls", 1).TrimEnd(),
        ]);
    }

    [Fact]
    public void A_rule_that_blocks_ends_every_choice_that_goes_on_and_shows_nothing_of_it()
    {
        var events = Event("delta/content", 0, "fine. ") + Event("delta/content", 1, "one") + Finish("delta/content", 1) + Event("delta/content", 0, "not zz") + Event("delta/content", 0, "z a, never") + Event("delta/content", 0, "more");
        var output = Run(Operation.ChatCompletion, [Stop], Pieces(events, 33), out var error);

        error.ShouldNotBeNull().Body.Message.ShouldContain("'stop'");
        output.ShouldNotContain("z");
        output.ShouldNotContain("never");
        output.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)[^1].ShouldContain("""{"index":0,"delta":{},"finish_reason":"content_filter"}""");
        output.Split("content_filter").Length.ShouldBe(2, "the other choice had ended");
    }

    [Fact]
    public void What_repeats_a_text_as_tokens_is_taken_out()
    {
        const string chunk = """data: {"choices":[{"index":0,"delta":{"content":"a@b.org "},"logprobs":{"content":[{"token":"a@b.org","logprob":-1}]},"token_ids":[1,2]}]}""" + "\n\n";

        Run(Operation.ChatCompletion, [NoCards], [Encoding.UTF8.GetBytes(chunk)], out _).ShouldBe(
            """data: {"choices":[{"index":0,"delta":{"content":"[EMAIL] "},"logprobs":null,"token_ids":null}]}""" + "\n\n");
    }

    [Theory]
    [InlineData("data: nonsense\n\n")]
    [InlineData("data: [1]\n\n")]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"a\n\n")]
    public void An_event_that_cannot_be_looked_into_does_not_pass(string text)
    {
        Run(Operation.ChatCompletion, [NoCards], [Encoding.UTF8.GetBytes(text)], out var error).ShouldBeEmpty();

        error.ShouldNotBeNull().Body.Code.ShouldBe("guardrail_unreadable");
    }

    [Fact]
    public void A_streamed_response_is_masked_piece_by_piece_and_where_it_is_repeated_whole()
    {
        const string whole = "Mail ada@example.org";
        var events = new StringBuilder("event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"r\",\"instructions\":\"to a@b.org\",\"output\":[]}}\n\n");
        foreach (var piece in (string[])["Mail ", "ada@ex", "ample.org"])
        {
            events.Append($$"""event: response.output_text.delta{{"\n"}}data: {"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,"delta":"{{piece}}","logprobs":[{"token":"{{piece}}"}]}{{"\n\n"}}""");
        }

        events.Append($$"""data: {"type":"response.output_text.done","output_index":0,"content_index":0,"text":"{{whole}}"}{{"\n\n"}}""");
        events.Append("""data: {"type":"response.completed","response":{"id":"r","output":[{"type":"message","content":[{"type":"output_text","text":"WHOLE","logprobs":[{"token":"ada"}]}]}]}}""".Replace("WHOLE", whole, StringComparison.Ordinal)).Append("\n\n");
        var output = Run(Operation.Response, [NoCards], Pieces(events.ToString(), 40), out _);

        output.ShouldNotContain("example");
        output.ShouldContain("to a@b.org", customMessage: "the application's own words");
        var deltas = output.Split("\n\n").Where(one => one.Contains("output_text.delta\",")).Select(one => JsonNode.Parse(one[(one.IndexOf("data:", StringComparison.Ordinal) + 5)..])!); // as they were made
        string.Concat(deltas.Select(delta => delta["delta"]!.GetValue<string>())).ShouldBe("Mail [EMAIL]");
        output.ShouldContain("\"text\":\"Mail [EMAIL]\"}");
        output.ShouldContain("\"text\":\"Mail [EMAIL]\",\"logprobs\":[]");
    }

    internal static Guarding Guard(Operation operation, params GuardrailRule[] rules) => Guard(operation, Policy(rules));

    private static GuardrailPolicy Policy(GuardrailRule[] rules) => GuardrailCompiler.Compile(EntityTests.Route(rules), complaint => throw new InvalidOperationException(complaint));

    private static Guarding Guard(Operation operation, GuardrailPolicy policy)
    {
        var guarding = new Guarding(policy, new Findings("p"), _ => { });
        guarding.ExpectAnswer(operation);
        return guarding;
    }

    internal static string Run(Operation operation, GuardrailRule[] rules, IEnumerable<byte[]> pieces, out OpenAIError? error) => Run(operation, Policy(rules), pieces, out error);

    private static string Run(Operation operation, GuardrailPolicy policy, IEnumerable<byte[]> pieces, out OpenAIError? error)
    {
        using var guarding = Guard(operation, policy);
        var stream = guarding.Answers!.Stream; // there are rules
        var output = new List<byte>();
        foreach (var piece in pieces)
        {
            output.AddRange(stream.Pass(piece).Span);
        }

        output.AddRange(stream.End().Span);
        error = stream.Error;
        return Encoding.UTF8.GetString([.. output]);
    }

    private static JsonNode? Whole(GuardrailPolicy policy, (int Choice, string Content, string Arguments)[] texts)
    {
        using var guarding = Guard(Operation.ChatCompletion, policy);
        var choices = texts.Select(text => new
        {
            index = text.Choice,
            message = new { role = "assistant", content = text.Content, tool_calls = new[] { new { id = "1", type = "function", function = new { name = "f", arguments = text.Arguments } } } },
        });
        guarding.Answers!.Take(JsonSerializer.SerializeToUtf8Bytes(new { choices }, Escaping)); // there are rules
        var (answer, error) = guarding.Answers.Make();
        return error is null ? JsonNode.Parse(answer.Span) : null;
    }

    /// <summary>The choices' texts in events that come in turn by chance, each cut by chance, halves of characters included.</summary>
    private static string Stream((int Choice, string Content, string Arguments)[] texts, Random random)
    {
        var open = texts.SelectMany(text => (string[])["delta/content", "delta/tool_calls"], (text, place) => (text.Choice, Place: place, Text: place == "delta/content" ? text.Content : text.Arguments)).ToList();
        var events = new StringBuilder();
        while (open.Count > 0)
        {
            var next = random.Next(open.Count);
            var (choice, place, text) = open[next];
            var length = Math.Min(random.Next(1, 9), text.Length);
            events.Append(Event(place, choice, text[..length]));
            open[next] = (choice, place, text[length..]);
            if (length == text.Length)
            {
                open.RemoveAt(next);
                events.Append(open.Exists(other => other.Choice == choice) ? "" : Finish(place, choice));
            }
        }

        return events.Append("data: [DONE]\n\n").ToString();
    }

    private static string Event(string place, int choice, string text)
    {
        // Half a character has no UTF-8: it goes as an escape, as servers that cut so send it.
        var json = string.Concat(text.Select(unit => unit is '"' or '\\' || char.IsControl(unit) || unit > 126 ? $"\\u{(int)unit:x4}" : $"{unit}"));
        var inner = place switch
        {
            "text" => $"\"text\":\"{json}\"",
            "delta/tool_calls" => $"\"delta\":{{\"tool_calls\":[{{\"index\":0,\"function\":{{\"arguments\":\"{json}\"}}}}]}}",
            _ => $"\"delta\":{{\"{place["delta/".Length..]}\":\"{json}\"}}",
        };
        return $"data: {{\"id\":\"c1\",\"choices\":[{{\"index\":{choice},{inner},\"finish_reason\":null}}]}}\n\n";
    }

    private static string Finish(string place, int choice) =>
        $"data: {{\"id\":\"c1\",\"choices\":[{{\"index\":{choice},{(place == "text" ? "\"text\":\"\"" : "\"delta\":{}")},\"finish_reason\":\"stop\"}}]}}\n\n";

    private static List<byte[]> Pieces(string events, int length) => [.. Encoding.UTF8.GetBytes(events).Chunk(length)];

    /// <summary>What a client makes of the events.</summary>
    private static Dictionary<(int Choice, string Place), string> Texts(string output)
    {
        var texts = new Dictionary<(int, string), string>();
        foreach (var one in output.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(one => one.StartsWith("data: {", StringComparison.Ordinal)))
        {
            foreach (var choice in JsonNode.Parse(one["data: ".Length..])!["choices"]!.AsArray()) // as it was made
            {
                var index = choice!["index"]!.GetValue<int>();
                if (choice["text"] is { } text)
                {
                    Add(index, "text", text.GetValue<string>());
                }

                foreach (var (name, value) in choice["delta"]?.AsObject() ?? [])
                {
                    Add(index, $"delta/{name}", name == "tool_calls" ? value![0]!["function"]!["arguments"]!.GetValue<string>() : value!.GetValue<string>());
                }
            }
        }

        return texts;

        void Add(int choice, string place, string piece) => texts[(choice, place)] = texts.GetValueOrDefault((choice, place), "") + piece;
    }

    private static string RandomText(Random random) => string.Concat(Enumerable.Range(0, random.Next(0, 8)).Select(_ => Parts[random.Next(Parts.Length)]));
}
