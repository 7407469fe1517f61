using System.Text.Json;
using System.Text.Json.Nodes;
using AiFactory.Gateway.Tests.Edges;
using Microsoft.AspNetCore.Http;

namespace AiFactory.Gateway.Tests.Anthropic;

/// <summary>Anthropic's own client for JavaScript, unchanged, against the gateway.</summary>
public sealed class AnthropicClientTests
{
    [Fact]
    public async Task It_asks_streams_calls_tools_counts_and_raises_our_errors()
    {
        await using var worker = await FakeWorker.StartedAsync(AnswerAsync);
        await using var gateway = await GatewayUnderTest.StartAsync(Plan.Chat(worker));

        var seen = JsonNode.Parse(await ClientPackages.Npm.RunAsync("anthropic-client.mjs", new Dictionary<string, string>
        {
            ["BASE_URL"] = gateway.Client.BaseAddress!.ToString().TrimEnd('/'), // set at its start
            ["API_KEY"] = Plan.DeveloperKey,
        }, cancellationToken: TestContext.Current.CancellationToken));

        // 1. A message.
        Same(seen, "message", """
            {"id":"msg_1","type":"message","role":"assistant","model":"demo-chat","content":[{"type":"text","text":"Hello"}],"stop_reason":"end_turn","stop_sequence":null,
             "usage":{"input_tokens":9,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":2}}
            """);
        Same(worker, 0, """
            {"model":"demo-chat","max_tokens":64,"temperature":0.5,"stop":["END"],"user":"u-1","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}]}
            """);

        // 2. A stream with a thought, a text and a call.
        Same(seen, "stream.final.content", """
            [{"type":"thinking","thinking":"Let me think.","signature":""},{"type":"text","text":"I look."},{"type":"tool_use","id":"c2","name":"weather","input":{"city":"Ulm"}}]
            """);
        Same(seen, "stream.final.stop_reason", "\"tool_use\"");
        Same(seen, "stream.final.usage", """{"input_tokens":20,"cache_creation_input_tokens":0,"cache_read_input_tokens":10,"output_tokens":7}""");
        At(seen, "stream.thinking")!.ToString().ShouldBe("Let me think."); // the script sets it
        At(seen, "stream.json")!.ToString().ShouldBe("""{"city":"Ulm"}"""); // and this
        At(seen, "stream.events")!.AsArray().Select(one => one!.ToString()).Distinct().ShouldBe(
            ["message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta", "message_stop"]);
        Same(worker, 1, """
            {"model":"demo-chat","chat_template_kwargs":{"enable_thinking":true},"max_tokens":64,"stream":true,"stream_options":{"include_usage":true},
             "messages":[{"role":"user","content":"Weather in Bonn?"},
               {"role":"assistant","content":"Let me see.","tool_calls":[{"id":"c1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Bonn\"}"}}]},
               {"role":"tool","tool_call_id":"c1","content":"14 C"},{"role":"user","content":"And in Ulm?"}],
             "tools":[{"type":"function","function":{"name":"weather","description":"The weather now","parameters":{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}],
             "tool_choice":"required","parallel_tool_calls":false}
            """);
        worker.Seen.ShouldAllBe(one => !one.Headers.Keys.Any(name => name.StartsWith("anthropic", StringComparison.OrdinalIgnoreCase)));

        // 3. A count.
        Same(seen, "count", """{"input_tokens":17}""");
        worker.Seen.Last().Target.ShouldBe("/tokenize");

        // 4. Errors.
        Error(seen, "model", "NotFoundError", 404, "not_found_error", "The model 'nobody' does not exist");
        Error(seen, "stream", "NotFoundError", 404, "not_found_error", "The model 'nobody' does not exist");
        Error(seen, "image", "BadRequestError", 400, "invalid_request_error", "messages.0.content.1.type: images are not supported");
        Error(seen, "key", "AuthenticationError", 401, "authentication_error", "Incorrect API key");
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == "/tokenize")
        {
            await FakeWorker.WriteJsonAsync(context, """{"count":17,"max_model_len":4096,"tokens":[]}""");
            return;
        }

        if (context.Items[FakeWorker.BodyItem] is string asked && !asked.Contains("\"stream\":true"))
        {
            await FakeWorker.WriteJsonAsync(context, FakeWorker.Completion);
            return;
        }

        foreach (var delta in new[]
        {
            """{"role":"assistant","content":""}""",
            """{"reasoning_content":"Let me "}""",
            """{"reasoning_content":"think."}""",
            """{"content":"I "}""",
            """{"content":"look."}""",
            """{"tool_calls":[{"index":0,"id":"c2","type":"function","function":{"name":"weather","arguments":""}}]}""",
            """{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]}""",
            """{"tool_calls":[{"index":0,"function":{"arguments":"\"Ulm\"}"}}]}""",
        })
        {
            await FakeWorker.WriteEventAsync(context, Chunk($$"""[{"index":0,"delta":{{delta}},"finish_reason":null}]""", "null"));
        }

        await FakeWorker.WriteEventAsync(context, Chunk("""[{"index":0,"delta":{},"finish_reason":"tool_calls"}]""", "null"));
        await FakeWorker.WriteEventAsync(context, Chunk("[]", """{"prompt_tokens":30,"completion_tokens":7,"total_tokens":37,"prompt_tokens_details":{"cached_tokens":10}}"""));
        await FakeWorker.WriteEventAsync(context, "data: [DONE]\n\n");
    }

    private static string Chunk(string choices, string usage) =>
        $$"""data: {"id":"chatcmpl-2","object":"chat.completion.chunk","created":1,"model":"demo-chat","choices":{{choices}},"usage":{{usage}}}""" + "\n\n";

    private static JsonNode? At(JsonNode? root, string path) => path.Split('.').Aggregate(root, (node, name) => node?[name]);

    private static void Same(JsonNode? root, string path, string expected)
    {
        // The client adds members of its own.
        var found = At(root, path)?.DeepClone();
        (found as JsonObject)?.Remove("_request_id");
        JsonNode.DeepEquals(found, JsonNode.Parse(expected)).ShouldBeTrue($"{path}: {found?.ToJsonString()}");
    }

    private static void Same(FakeWorker worker, int place, string expected)
    {
        var body = worker.Seen.ElementAt(place).Body;
        JsonNode.DeepEquals(JsonNode.Parse(body), JsonNode.Parse(expected)).ShouldBeTrue(body);
    }

    private static void Error(JsonNode? seen, string name, string kind, int status, string type, string message)
    {
        var error = JsonSerializer.Deserialize<Failure>(At(seen, $"errors.{name}"), JsonSerializerOptions.Web) ?? throw new InvalidOperationException(name);
        (error.Class, error.Status, error.Type).ShouldBe((kind, status, type));
        error.Message.ShouldContain(message);
    }

    private sealed record Failure(string Class, int Status, string Type, string Message);
}
