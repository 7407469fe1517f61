using System.ClientModel;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.Tests.Edges;
using AiFactory.Gateway.Upstreams.Anthropic;
using Microsoft.AspNetCore.Http;
using OpenAI;
using OpenAI.Chat;

namespace AiFactory.Gateway.Tests.Upstreams.Anthropic;

/// <summary>Chat completions of a model that Anthropic's protocol serves.</summary>
public sealed class AnthropicUpstreamTests
{
    private const string Body = """{"model":"cloud","messages":[{"role":"user","content":"Hi"}]}""";
    private const string StreamBody = """{"model":"cloud","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Hi"}]}""";

    private const string Message = """
        {"id":"msg_01X","type":"message","role":"assistant","model":"claude-9-20261101","content":[{"type":"thinking","thinking":"Hm.","signature":"s"},{"type":"text","text":"I look."},
         {"type":"tool_use","id":"toolu_1","name":"weather","input":{"city":"Ulm"}}],"stop_reason":"tool_use","stop_sequence":null,
         "usage":{"input_tokens":9,"cache_creation_input_tokens":3,"cache_read_input_tokens":4,"output_tokens":7}}
        """;

    private const string Opening = """{"type":"message_start","message":{"id":"msg_01X","type":"message","role":"assistant","model":"claude-9","content":[],"stop_reason":null,"usage":{"input_tokens":9,"cache_read_input_tokens":4,"output_tokens":1}}}""";

    private static readonly string[] Stream =
    [
        Opening,
        """{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}""",
        """{"type":"ping"}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm."}}""",
        """{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"abc"}}""",
        """{"type":"content_block_stop","index":0}""",
        """{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}""",
        """{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"I "}}""",
        """{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"look: „Ü“"}}""",
        """{"type":"content_block_stop","index":1}""",
        """{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"toolu_1","name":"weather","input":{}}}""",
        """{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":""}}""",
        """{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"city\":"}}""",
        """{"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"\"Ulm\"}"}}""",
        """{"type":"content_block_stop","index":2}""",
        """{"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"toolu_2","name":"now","input":{}}}""",
        """{"type":"content_block_stop","index":3}""",
        """{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":7}}""",
        """{"type":"message_stop"}""",
    ];

    [Fact]
    public async Task A_conversation_with_pictures_and_tools_goes_there_and_its_answer_comes_back()
    {
        await using var service = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, Message));
        await using var gateway = await StartAsync(service);

        using var response = await gateway.ChatAsync("""
            {"model":"cloud","max_completion_tokens":64,"temperature":1.5,"top_p":0.9,"stop":"END","user":"u-1","seed":7,"parallel_tool_calls":false,"tool_choice":"required","frequency_penalty":0,
             "messages":[
               {"role":"system","content":"Be brief."},{"role":"developer","content":[{"type":"text","text":"Be kind."}]},
               {"role":"user","content":[{"type":"text","text":"What is it?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBO"}},{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]},
               {"role":"assistant","content":"Let me see.","reasoning_content":"hm","tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Bonn\"}"}},{"id":"c2","type":"function","function":{"name":"now","arguments":""}}]},
               {"role":"tool","tool_call_id":"c1","content":"14 C"},{"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"noon"}]},
               {"role":"user","content":"And in Ulm?"},{"role":"user","content":""}],
             "tools":[{"type":"function","function":{"name":"weather","description":"The weather now","parameters":{"type":"object","properties":{"city":{"type":"string"}}},"strict":true}},{"type":"function","function":{"name":"now"}}],
             "response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}}}
            """);

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await GatewayUnderTest.TextAsync(response));
        var seen = service.Seen.ShouldHaveSingleItem();
        (seen.Target, seen.Headers["x-api-key"], seen.Headers["anthropic-version"]).ShouldBe(("/v1/messages", CloudPlan.Secret, "2023-06-01"));
        seen.Headers.Keys.ShouldNotContain("Authorization");
        Same(seen.Body, """
            {"model":"their-chat","max_tokens":64,"temperature":1,"top_p":0.9,"stop_sequences":["END"],"metadata":{"user_id":"u-1"},
             "system":[{"type":"text","text":"Be brief."},{"type":"text","text":"Be kind."}],
             "messages":[
               {"role":"user","content":[{"type":"text","text":"What is it?"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBO"}},{"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}]},
               {"role":"assistant","content":[{"type":"text","text":"Let me see."},{"type":"tool_use","id":"c1","name":"weather","input":{"city":"Bonn"}},{"type":"tool_use","id":"c2","name":"now","input":{}}]},
               {"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"14 C"}]},{"type":"tool_result","tool_use_id":"c2","content":[{"type":"text","text":"noon"}]},{"type":"text","text":"And in Ulm?"}]}],
             "tools":[{"name":"weather","description":"The weather now","input_schema":{"type":"object","properties":{"city":{"type":"string"}}},"strict":true},{"name":"now","input_schema":{"type":"object","properties":{}}}],
             "tool_choice":{"type":"any","disable_parallel_tool_use":true},"output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}}}
            """);
        var answer = JsonNode.Parse(await GatewayUnderTest.TextAsync(response))!.AsObject(); // an object, as compared
        answer.Remove("created", out var created);
        created!.GetValue<long>().ShouldBeGreaterThan(1_700_000_000); // it is there
        Same(answer.ToJsonString(), """
            {"id":"chatcmpl-01X","object":"chat.completion","model":"claude-9-20261101",
             "choices":[{"index":0,"message":{"role":"assistant","content":"I look.","reasoning_content":"Hm.","tool_calls":[{"id":"toolu_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Ulm\"}"}}]},"finish_reason":"tool_calls"}],
             "usage":{"prompt_tokens":16,"completion_tokens":7,"total_tokens":23,"prompt_tokens_details":{"cached_tokens":4}}}
            """);
    }

    [Fact]
    public async Task Tokens_of_messages_are_counted_by_the_service_which_is_asked_for_nothing_else()
    {
        await using var service = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, """{"input_tokens":14}"""));
        await using var gateway = await StartAsync(service);

        using var counted = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/v1/messages/count_tokens", json: """
            {"model":"cloud","system":"Be brief.","messages":[{"role":"user","content":"Hi"}],"tools":[{"name":"now","description":"The time","input_schema":{"type":"object","properties":{}}}]}
            """));
        using var text = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/tokenize", json: """{"model":"cloud","prompt":"Hi"}"""));

        Same(await GatewayUnderTest.TextAsync(counted), """{"input_tokens":14}""");
        var seen = service.Seen.ShouldHaveSingleItem("a text that is no message has no place there");
        (seen.Target, seen.Headers["x-api-key"]).ShouldBe(("/v1/messages/count_tokens", CloudPlan.Secret));
        Same(seen.Body, """
            {"model":"their-chat","system":[{"type":"text","text":"Be brief."}],"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}],
             "tools":[{"name":"now","description":"The time","input_schema":{"type":"object","properties":{}}}]}
            """);
        ((int)text.StatusCode, (await GatewayUnderTest.TextAsync(text)).Contains("\"param\":\"messages\"")).ShouldBe((400, true));
    }

    [Fact]
    public async Task Events_become_chunks_with_the_usage_at_the_end_where_it_was_asked_for()
    {
        await using var service = await FakeWorker.StartedAsync(context => WriteAsync(context, Stream));
        await using var gateway = await StartAsync(service);

        using var response = await gateway.ChatAsync(StreamBody);
        var text = await GatewayUnderTest.TextAsync(response);
        using var unasked = await gateway.ChatAsync(StreamBody.Replace("true}", "false}"));

        response.Content.Headers.ContentType?.MediaType.ShouldBe("text/event-stream");
        var events = Events(text);
        events[^1].ShouldBe("[DONE]");
        var chunks = events[..^1].Select(data => JsonNode.Parse(data)!.AsObject()).ToList(); // each is an object
        chunks.Select(chunk => (chunk["id"]?.ToString(), chunk["object"]?.ToString(), chunk["model"]?.ToString())).Distinct().ShouldBe([("chatcmpl-01X", "chat.completion.chunk", "claude-9")]);
        Same($"[{string.Join(',', chunks[..^1].Select(chunk => chunk["choices"]![0]!["delta"]!.ToJsonString()))}]", """
            [{"role":"assistant","content":""},{"reasoning_content":"Hm."},{"content":"I "},{"content":"look: „Ü“"},
             {"tool_calls":[{"index":0,"id":"toolu_1","type":"function","function":{"name":"weather","arguments":""}}]},{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]},{"tool_calls":[{"index":0,"function":{"arguments":"\"Ulm\"}"}}]},
             {"tool_calls":[{"index":1,"id":"toolu_2","type":"function","function":{"name":"now","arguments":""}}]},{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]},{}]
            """);
        chunks[^2]["choices"]![0]!["finish_reason"]!.ToString().ShouldBe("tool_calls"); // the one before the usage
        Same(chunks[^1]["usage"]?.ToJsonString(), """{"prompt_tokens":13,"completion_tokens":7,"total_tokens":20,"prompt_tokens_details":{"cached_tokens":4}}""");
        (await GatewayUnderTest.TextAsync(unasked)).ShouldNotContain("usage");
        Same(service.Seen.First().Body, """{"model":"their-chat","max_tokens":4096,"stream":true,"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]}""");
    }

    [Fact]
    public async Task However_a_stream_is_cut_its_chunks_are_the_same()
    {
        var bytes = Encoding.UTF8.GetBytes(string.Concat(Stream.Select(Event)));
        var whole = await ReadAsync(bytes, bytes.Length, 64 * 1024);

        foreach (var (piece, buffer) in ((int, int)[])[(1, 1), (2, 4096), (3, 7), (61, 64)])
        {
            (await ReadAsync(bytes, piece, buffer)).ShouldBe(whole, $"pieces of {piece} into {buffer}");
        }

        var cut = await Should.ThrowAsync<IOException>(() => ReadAsync(bytes[..^30], 100, 100));
        cut.Message.ShouldBe("The stream ended before its message_stop.");
    }

    [Theory]
    [InlineData(529, """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""")]
    [InlineData(429, """{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}""")]
    [InlineData(200, "no JSON")]
    [InlineData(200, """{"type":"something_else"}""")]
    public async Task What_is_no_answer_goes_to_another_model(int status, string answer)
    {
        await using var service = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, answer, status));
        await using var local = await FakeWorker.StartedAsync();
        await using var gateway = await StartAsync(service, local);

        using var response = await gateway.ChatAsync(Body);

        (response.StatusCode, AnsweredBy(response)).ShouldBe((HttpStatusCode.OK, "demo-chat"));
    }

    /// <summary>The opening has passed by then, and is no token.</summary>
    [Theory]
    [InlineData("""{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""")]
    [InlineData("{")]
    [InlineData(null)]
    public async Task A_stream_that_fails_before_its_first_token_goes_to_another_model_and_later_ends_with_an_error(string? failure)
    {
        await using var service = await FakeWorker.StartedAsync(context =>
        {
            var text = context.Items[FakeWorker.BodyItem]!.ToString()!.Contains("late") ? new[] { Stream[6], Stream[7] } : []; // the edge sets it
            return WriteAsync(context, [Opening, """{"type":"ping"}""", .. text, .. failure is null ? Array.Empty<string>() : [failure]]);
        });
        await using var local = await FakeWorker.StartedAsync(context => FakeWorker.WriteEventAsync(context, FakeWorker.Chunk("local") + "data: [DONE]\n\n"));
        await using var gateway = await StartAsync(service, local);

        using var early = await gateway.ChatAsync(StreamBody);
        var answered = await GatewayUnderTest.TextAsync(early);
        using var late = await gateway.ChatAsync(StreamBody.Replace("\"cloud\"", "\"alone\"").Replace("Hi", "late"));
        var broken = await GatewayUnderTest.TextAsync(late);

        (AnsweredBy(early), answered).ShouldBe(("demo-chat", FakeWorker.Chunk("local") + "data: [DONE]\n\n"));
        late.StatusCode.ShouldBe(HttpStatusCode.OK);
        broken.ShouldContain("\"content\":\"I \"");
        Events(broken)[^1].ShouldStartWith("{\"error\":{");
        broken.ShouldNotContain("[DONE]");
    }

    [Fact]
    public async Task Its_refusals_come_in_OpenAIs_words()
    {
        await using var service = await FakeWorker.StartedAsync(context =>
            FakeWorker.WriteJsonAsync(context, """{"type":"error","error":{"type":"invalid_request_error","message":"messages.0: too long"},"request_id":"req_1"}""", 400));
        await using var gateway = await StartAsync(service);

        using var response = await gateway.ChatAsync(Body);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        Same(await GatewayUnderTest.TextAsync(response), """{"error":{"message":"messages.0: too long","type":"invalid_request_error","param":null,"code":null}}""");
    }

    [Theory]
    [InlineData("\"n\":2", "n: there is one answer")]
    [InlineData("\"logprobs\":true", "logprobs: none are told")]
    [InlineData("\"presence_penalty\":0.5", "presence_penalty: it is not supported there")]
    [InlineData("\"logit_bias\":{\"1\":5}", "logit_bias: it is not supported there")]
    [InlineData("\"response_format\":{\"type\":\"json_object\"}", "response_format: its type is 'text', or 'json_schema'")]
    [InlineData("\"functions\":[{\"name\":\"f\"}]", "functions: it is not supported there")]
    [InlineData("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_audio\"}]}]", "messages[0].content: a part 'input_audio' is not supported there")]
    [InlineData("\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"[1]\"}}]}]", "messages[0].tool_calls: the arguments of 'f' are no JSON object")]
    [InlineData("\"messages\":\"Hi\"", "messages: it is an array of messages")]
    [InlineData("\"user\":\"\\ud800\"", "a text in it is not valid Unicode")]
    public void What_has_no_place_in_its_protocol_is_refused_by_name(string member, string says)
    {
        var error = AnthropicRequest.Translate(Encoding.UTF8.GetBytes($$"""{"model":"cloud","messages":[{"role":"user","content":"Hi"}],{{member}}}"""), "\"m\""u8, forCount: false, out _, out _);

        error.ShouldNotBeNull().Status.ShouldBe(400);
        error.Body.Message.ShouldContain(says);
    }

    [Fact]
    public async Task What_has_no_place_there_is_asked_of_the_model_that_stands_in_and_else_refused_unasked()
    {
        await using var service = await FakeWorker.StartedAsync(context => FakeWorker.WriteJsonAsync(context, Message));
        await using var local = await FakeWorker.StartedAsync();
        await using var gateway = await StartAsync(service, local);
        var body = Body.Replace("\"messages\"", "\"n\":2,\"messages\"");

        using var answered = await gateway.ChatAsync(body);
        using var refused = await gateway.ChatAsync(body.Replace("\"cloud\"", "\"alone\""));
        using var other = await gateway.SendAsync(GatewayUnderTest.Request(HttpMethod.Post, "/v1/completions", json: """{"model":"alone","prompt":"Hi"}"""));

        (answered.StatusCode, AnsweredBy(answered)).ShouldBe((HttpStatusCode.OK, "demo-chat"));
        local.Seen.ShouldHaveSingleItem().Body.ShouldContain("\"n\":2");
        (refused.StatusCode, (await GatewayUnderTest.TextAsync(refused)).Contains("\"code\":\"unsupported_parameter\"")).ShouldBe((HttpStatusCode.BadRequest, true));
        (await GatewayUnderTest.TextAsync(other)).ShouldContain("operation_not_supported");
        service.Seen.ShouldBeEmpty();
    }

    [Fact]
    public async Task OpenAIs_own_client_streams_texts_and_calls_from_there()
    {
        await using var service = await FakeWorker.StartedAsync(context => WriteAsync(context, Stream));
        await using var gateway = await StartAsync(service);
        var client = new OpenAIClient(new ApiKeyCredential(Plan.DeveloperKey), new OpenAIClientOptions { Endpoint = new Uri(gateway.Client.BaseAddress!, "v1") }); // set at its start

        var (text, arguments, finish, tokens) = ("", new SortedDictionary<int, string>(), default(ChatFinishReason?), 0);
        await foreach (var update in client.GetChatClient("cloud").CompleteChatStreamingAsync([new UserChatMessage("Weather?")], cancellationToken: TestContext.Current.CancellationToken))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            foreach (var call in update.ToolCallUpdates)
            {
                arguments[call.Index] = arguments.GetValueOrDefault(call.Index) + call.FunctionName + call.FunctionArgumentsUpdate;
            }

            finish = update.FinishReason ?? finish;
            tokens = update.Usage?.TotalTokenCount ?? tokens;
        }

        (text, finish, tokens).ShouldBe(("I look: „Ü“", ChatFinishReason.ToolCalls, 20));
        arguments.Values.ShouldBe(["weather{\"city\":\"Ulm\"}", "now{}"]);
    }

    [Fact]
    public async Task Anthropics_own_client_is_served_from_there_too()
    {
        await using var service = await FakeWorker.StartedAsync(context =>
            context.Items[FakeWorker.BodyItem]!.ToString()!.Contains("\"stream\":true") ? WriteAsync(context, Stream) : FakeWorker.WriteJsonAsync(context, Message)); // the edge sets it
        await using var gateway = await StartAsync(service);

        var seen = JsonNode.Parse(await ClientPackages.Npm.RunAsync("anthropic-upstream.mjs", new Dictionary<string, string>
        {
            ["BASE_URL"] = gateway.Client.BaseAddress!.ToString().TrimEnd('/'), // set at its start
            ["API_KEY"] = Plan.DeveloperKey,
        }, cancellationToken: TestContext.Current.CancellationToken))!; // it prints an object

        foreach (var (answer, id) in new[] { ("message", "01X"), ("stream", "01X") })
        {
            var message = seen[answer]!; // the script sets both
            (message["id"]?.ToString(), message["stop_reason"]?.ToString()).ShouldBe(($"msg_{id}", "tool_use"));
            message["content"]![0]!["thinking"]!.ToString().ShouldBe("Hm."); // a thought comes first
            message["content"]!.AsArray().Where(block => block!["type"]!.ToString() == "tool_use").First()!["input"]!["city"]!.ToString().ShouldBe("Ulm"); // then the calls
        }

        Same(seen["message"]!["usage"]!.ToJsonString(), """{"input_tokens":12,"cache_creation_input_tokens":0,"cache_read_input_tokens":4,"output_tokens":7}"""); // as printed
        service.Seen.Count.ShouldBe(2);
        Same(service.Seen.First().Body, """
            {"model":"their-chat","max_tokens":64,"stop_sequences":["END"],"system":[{"type":"text","text":"Be brief."}],
             "messages":[{"role":"user","content":[{"type":"text","text":"Weather?"}]}],
             "tools":[{"name":"weather","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool","name":"weather"}}
            """);
        service.Seen.ShouldAllBe(one => !one.Headers.Values.Any(value => value.Contains("aif_")));
    }

    /// <summary><c>cloud</c>, behind which <c>demo-chat</c> stands where there is a local worker, and <c>alone</c>.</summary>
    private static Task<GatewayUnderTest> StartAsync(FakeWorker service, FakeWorker? local = null)
    {
        var cloud = CloudPlan.Cloud("cloud", service, "anthropic", "");
        return GatewayUnderTest.StartAsync(
            local is null
                ? Plan.Of(cloud)
                : Plan.Of(cloud with { Traffic = new TrafficPolicy { Fallbacks = ["demo-chat"] } }, CloudPlan.Cloud("alone", service, "anthropic", "v1"), Plan.Deployment("demo-chat", local)),
            ("Retries:Delay", "00:00:00"));
    }

    private static string AnsweredBy(HttpResponseMessage response) => response.Headers.GetValues("x-aifactory-answered-by").Single();

    private static async Task WriteAsync(HttpContext context, string[] events)
    {
        foreach (var one in events)
        {
            await FakeWorker.WriteEventAsync(context, Event(one));
        }
    }

    /// <summary>The name is a part of the protocol that nobody needs.</summary>
    private static string Event(string data) => $"event: some_name\ndata: {data}\n\n";

    private static List<string> Events(string text) =>
        [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(one => one.StartsWith("data: ", StringComparison.Ordinal)).Select(one => one["data: ".Length..])];

    private static async Task<string> ReadAsync(byte[] bytes, int piece, int buffer)
    {
        await using var stream = new AnthropicStream(new PiecesStream(bytes, piece), new AnthropicChunks(tellsUsage: true, created: 1));
        using var read = new MemoryStream();
        var into = new byte[buffer];
        while (await stream.ReadAsync(into, TestContext.Current.CancellationToken) is var length and > 0)
        {
            read.Write(into, 0, length);
        }

        return Encoding.UTF8.GetString(read.ToArray());
    }

    private static void Same(string? json, string expected) => JsonNode.DeepEquals(JsonNode.Parse(json ?? "null"), JsonNode.Parse(expected)).ShouldBeTrue(json);

    /// <summary>Gives at most so many bytes at once.</summary>
    private sealed class PiecesStream(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..Math.Min(buffer.Length, piece)], cancellationToken);
    }
}
