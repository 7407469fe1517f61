using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiFactory.Gateway.Caching;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Tests.Caching;

/// <summary>Whole answers as streams, and back.</summary>
public sealed class StreamedAnswerTests
{
    private const string Usage = """ "usage":{"prompt_tokens":9,"completion_tokens":7,"total_tokens":16,"prompt_tokens_details":{"cached_tokens":4}} """;

    [Theory]
    [InlineData("""{"id":"c1","object":"chat.completion","created":1,"model":"m","system_fingerprint":"f","choices":[{"index":0,"message":{"role":"assistant","content":"A sentence, that is of some more words than go into one piece: \"é😀\" \u0001 Lebensversicherungsgesellschaftsangestellter","refusal":null},"logprobs":null,"finish_reason":"stop"}],U}""")]
    [InlineData("""{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"refusal":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}},{"id":"call_2","type":"function","function":{"name":"time","arguments":""}}]},"logprobs":null,"finish_reason":"tool_calls"}],U}""")]
    [InlineData("""{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Yes","refusal":null,"reasoning_content":"Let me think about that for more than a moment."},"logprobs":{"content":[{"token":"Yes","logprob":-0.5,"bytes":[89,101,115],"top_logprobs":[]}],"refusal":null},"finish_reason":"length","stop_reason":7},{"index":1,"message":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":"stop"}],U}""")]
    [InlineData("""{"id":"c1","object":"text_completion","created":1,"model":"m","choices":[{"index":0,"text":" and so it went on for ever and ever","logprobs":null,"finish_reason":"length"},{"index":1,"text":"","logprobs":null,"finish_reason":"stop"}],U}""")]
    public void An_answer_survives_the_way_to_a_stream_and_back(string answer)
    {
        var whole = answer.Replace("U}", Usage + "}", StringComparison.Ordinal);
        var operation = whole.Contains("chat.completion", StringComparison.Ordinal) ? Operation.ChatCompletion : Operation.Completion;

        var stream = AnswerEvents.Of(Encoding.UTF8.GetBytes(whole), operation, tellsUsage: true).ShouldNotBeNull();
        var back = StreamFold.Of(stream, operation).ShouldNotBeNull();

        JsonNode.DeepEquals(JsonNode.Parse(back), JsonNode.Parse(whole)).ShouldBeTrue(Encoding.UTF8.GetString(back));
    }

    [Fact]
    public void A_text_comes_in_pieces_of_a_few_words_and_none_is_cut_within_a_character()
    {
        var text = string.Concat(Enumerable.Repeat("words of a sentence ", 20)) + string.Concat(Enumerable.Repeat("😀", 100));
        var whole = JsonSerializer.SerializeToUtf8Bytes(new
        {
            choices = new[] { new { index = 0, message = new { role = "assistant", content = text }, finish_reason = "stop" } },
        });

        var stream = Encoding.UTF8.GetString(AnswerEvents.Of(whole, Operation.ChatCompletion, tellsUsage: false).ShouldNotBeNull());

        var pieces = stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).SkipLast(1)
            .Select(one => JsonNode.Parse(one["data: ".Length..])?["choices"]?[0]?["delta"]?["content"]?.GetValue<string>() ?? "").Where(piece => piece.Length > 0).ToList();
        string.Concat(pieces).ShouldBe(text);
        pieces.Count.ShouldBeInRange(15, 40);
        pieces.ShouldAllBe(piece => !char.IsLowSurrogate(piece[0]));
        stream.ShouldEndWith("data: [DONE]\n\n");
        stream.ShouldNotContain("usage");
    }

    [Fact]
    public void A_long_answer_makes_a_stream_of_about_its_size_and_what_no_chunk_has_makes_none()
    {
        var text = string.Concat(Enumerable.Repeat("some words ", 50_000));
        byte[]? Stream(object? more) => AnswerEvents.Of(
            JsonSerializer.SerializeToUtf8Bytes(new { id = "c1", choices = new[] { new { index = 0, message = new { role = "assistant", content = text }, finish_reason = "stop" } }, more }),
            Operation.ChatCompletion, tellsUsage: false);

        Stream(null).ShouldNotBeNull().Length.ShouldBeLessThan(text.Length * 3 / 2);
        Stream(new int[1000]).ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"role":"assistant","content":"Hi","audio":{"id":"a"}}""")]
    [InlineData("""{"role":"assistant","content":[{"type":"text","text":"Hi"}]}""")]
    [InlineData("""{"role":"assistant","content":"\ud800"}""")]
    public void What_no_stream_can_say_for_certain_is_not_made_one(string message) =>
        AnswerEvents.Of(Encoding.UTF8.GetBytes($$"""{"choices":[{"index":0,"message":{{message}},"finish_reason":"stop"}]}"""), Operation.ChatCompletion, tellsUsage: false).ShouldBeNull();

    [Theory]
    [InlineData(null, true)]
    [InlineData("""{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}""", false)]
    [InlineData("""{"error":{"message":"out of memory"}}""", false)]
    [InlineData("""{"choices":[{"index":0,"delta":{"audio":{"data":"x"}},"finish_reason":null}]}""", false)]
    [InlineData("""{"choices":[{"index":0,"delta":{},"token_ids":[1],"finish_reason":null}]}""", false)]
    [InlineData("""{"choices":[{"index":1,"delta":{"content":"b"},"finish_reason":null}]}""", false)]
    [InlineData("""{"choices":[{"index":0,"delta":{},"finish_reason":"content_filter"}]}""", false)]
    [InlineData("""{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"a"}},{"index":0,"function":{"name":"b"}}]},"finish_reason":null}]}""", false)]
    [InlineData("""[]""", false)]
    [InlineData("""{""", false)]
    public void A_stream_that_is_not_certain_to_be_whole_is_no_answer(string? odd, bool isWhole)
    {
        var stream = $"data: {odd}\n\n".Replace("data: \n\n", ": nothing\n\n", StringComparison.Ordinal)
            + "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\n"
            + "data: {\"id\":\"1\",\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\ndata: [DONE]\n\n";
        if (odd?.Contains("\"a\"},\"finish_reason\":null", StringComparison.Ordinal) == true)
        {
            stream = stream.Replace("data: [DONE]\n\n", "", StringComparison.Ordinal);
        }

        (StreamFold.Of(Encoding.UTF8.GetBytes(stream), Operation.ChatCompletion) is not null).ShouldBe(isWhole);
    }

    [Fact]
    public void A_stream_that_does_not_tell_its_usage_is_no_whole_answer() =>
        StreamFold.Of(
            "data: {\"id\":\"1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"u8.ToArray(), Operation.ChatCompletion).ShouldBeNull();
}
