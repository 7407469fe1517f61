using System.Text;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.Forwarding;

public sealed class UsageScannerTests
{
    private const string Usage = "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":12,\"total_tokens\":21,\"prompt_tokens_details\":{\"cached_tokens\":4,\"prompt_tokens\":77}}";

    public static TheoryData<string, long?, long?> Answers => new()
    {
        { $$"""{"id":"1","choices":[],{{Usage}}}""", 9, 12 },
        { "{\"choices\":[]," + Usage + "}", 9, 12 },
        { "{ " + Usage + ", \"choices\":[{\"message\":{\"content\":\"x\"}}]}", 9, 12 },
        { $"data: {{\"choices\":[],\"usage\":null}}\n\ndata: {{\"choices\":[],{Usage}}}\n\ndata: [DONE]\n\n", 9, 12 },
        { "{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1}} {\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}", 1, 2 },
        { "{\"usage\":{\"input_tokens\":3,\"output_tokens\":4}}", 3, 4 },
        { "{\"content\":\"\\\"usage\\\":{\\\"prompt_tokens\\\":1}\"}", null, null },
        { "{\"content\":\"usage\",\"x\":{\"prompt_tokens\":1}}", null, null },
        { "{\"usage\":{\"prompt_tokens\":-1,\"completion_tokens\":\"2\"}}", null, null },
        { "{\"usage\":{\"prompt_tokens\":1", null, null },
        { "{\"usage\"\"usage\":{\"prompt_tokens\":1}}", 1, null },
        { "{\"object\":\"usage\",\"usage\" : {\"prompt_tokens\":1}}", 1, null },
        { "{\n  \"usage\":\n  {\n    \"prompt_tokens\": 1\n  }\n}\n", 1, null },
        { "{\"\\u0075sage\":{\"prompt_tokens\":2},\"\\\"usage\":{\"prompt_tokens\":2},\"usages\":{\"prompt_tokens\":2},\"usage\":{\"prompt_tokens\":1}}", 1, null },
        // What the client sent and gets back: a tool's schema, metadata, a text.
        { "{\"tools\":[{\"parameters\":{\"properties\":{\"usage\":{\"input_tokens\":0,\"output_tokens\":0}}}}]}", null, null },
        { "{\"metadata\":{\"usage\":{\"input_tokens\":0},\"response\":{\"usage\":{\"input_tokens\":0}}},\"usage\":{\"input_tokens\":3,\"output_tokens\":4},\"x\":[{\"usage\":{\"input_tokens\":0}}]}", 3, 4 },
        { "[{\"usage\":{\"prompt_tokens\":1}}]", null, null },
        { "data: {\"response\":{\"metadata\":{\"usage\":{\"input_tokens\":0}},\"usage\":null}}\n\ndata: {\"type\":\"x\",\"response\":{\"tools\":[{\"usage\":{\"input_tokens\":0}}],\"usage\":{\"input_tokens\":3,\"output_tokens\":4},\"error\":{\"usage\":{\"input_tokens\":0}}}}\n\n", 3, 4 },
        { "data: {\"response\":[{\"a\":{\"usage\":{\"input_tokens\":0}}}],\"b\":{\"usage\":{\"input_tokens\":0}}}\n\n", null, null },
        // An event ends with its blank line, whatever it opened.
        { ": it's a \"comment\n\ndata: {\"choices\":[{\"x\":\r\n\r\ndata: {\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":6}}\r\n\r\n", 5, 6 },
        { "event: response.completed\r\ndata: {\"response\":{\"usage\":{\"input_tokens\":3,\"output_tokens\":4}}}\r\n\r\ndata: {\"delta\":\"}}{\"}\r\n\r\n", 3, 4 },
        // More than any request has is no count.
        { "{\"usage\":{\"prompt_tokens\":9223372036854775807,\"completion_tokens\":2}}", null, 2 },
        { "{\"usage\":{\"prompt_tokens\":1000000000000,\"completion_tokens\":1000000000001}}", 1_000_000_000_000, null },
        { "", null, null },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Usage_is_found_wherever_the_answer_is_cut(string answer, long? input, long? output)
    {
        var bytes = Encoding.UTF8.GetBytes(answer);
        var events = answer.Contains("data: ", StringComparison.Ordinal);
        TokenUsage? expected = input is null && output is null ? null : new TokenUsage(input, output, answer.Contains("cached_tokens", StringComparison.Ordinal) ? 4 : null);

        for (var size = 1; size <= bytes.Length + 1; size++)
        {
            var scanner = default(UsageScanner);
            for (var at = 0; at < bytes.Length; at += size)
            {
                scanner.Scan(bytes.AsSpan(at, Math.Min(size, bytes.Length - at)), events);
            }

            scanner.End();
            scanner.Usage.ShouldBe(expected, $"cut in pieces of {size}");
        }
    }

    [Fact]
    public void An_image_that_comes_as_bytes_and_as_an_address_is_one_wherever_the_answer_is_cut()
    {
        var bytes = """{"created":7,"data":[{"b64_json":"AA==","url":"http://a"},{"url":"http://b","b64_json":null},{"b64_json":null}],"usage":{"input_tokens":1}}"""u8.ToArray();
        for (var size = 1; size <= bytes.Length; size++)
        {
            var scanner = new UsageScanner { CountsImages = true };
            foreach (var piece in bytes.Chunk(size))
            {
                scanner.Scan(piece, events: false);
            }

            scanner.End();
            scanner.Images.ShouldBe(2, $"cut in pieces of {size}");
        }
    }

    [Fact]
    public void An_object_that_never_ends_is_not_followed()
    {
        var scanner = default(UsageScanner);
        scanner.Scan(Encoding.UTF8.GetBytes("{\"usage\":{" + new string(' ', 100_000)), events: false);
        scanner.Scan(Encoding.UTF8.GetBytes($"}}, {Usage}}}"), events: false);
        scanner.End();

        scanner.Usage.ShouldBe(new TokenUsage(9, 12, 4));
    }

    [Theory]
    [InlineData("data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n", false)]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"H\"}}]}\n\n", true)]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\": \"H\"}}]}\n\n", true)]
    [InlineData("data: {\"choices\":[{\"text\":\"H\"}]}\n\n", true)]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"H\"}}]}\n\n", true)]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":null,\"tool_calls\":[]}}]}\n\n", true)]
    [InlineData("data: {\"type\":\"response.created\",\"response\":{\"output\":[],\"text\":{\"format\":{\"type\":\"text\"}}}}\n\n", false)]
    [InlineData("data: {\"type\":\"response.output_text.delta\",\"delta\":\"H\"}\n\n", true)]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":", false)]
    public void The_first_token_is_not_the_event_that_opens_the_stream(string events, bool expected) =>
        FirstTokenScanner.HasToken(Encoding.UTF8.GetBytes(events)).ShouldBe(expected);

    [Fact]
    public void The_scripted_answer_has_its_usage()
    {
        var scanner = default(UsageScanner);
        scanner.Scan(Encoding.UTF8.GetBytes(FakeWorker.Completion), events: false);
        scanner.End();
        scanner.Usage.ShouldBe(new TokenUsage(9, 2));
    }
}
