using System.Text;
using AiFactory.Gateway.Forwarding;
using AiFactory.Gateway.Tests.Edges;

namespace AiFactory.Gateway.Tests.Forwarding;

public sealed class UsageEventFilterTests
{
    private const string Usage = "data: {\"id\":\"1\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2,\"total_tokens\":11}}\n\n";
    private const string Spaced = "data: { \"usage\" : {\"prompt_tokens\":9} , \"choices\" : [ ] }\r\n\r\n";
    private const string Done = "data: [DONE]\n\n";

    private static readonly string Quoting = FakeWorker.Chunk("\\\"choices\\\":[],\\\"usage\\\":{}");
    private static readonly string WithChoices = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"usage\":{\"prompt_tokens\":9}}\n\n";
    private static readonly string Long = FakeWorker.Chunk(new string('x', 20_000));

    public static TheoryData<string, string> Streams => new()
    {
        { FakeWorker.Chunk("one") + Usage + Done, FakeWorker.Chunk("one") + Done },
        { FakeWorker.Chunk("one") + Spaced + Done, FakeWorker.Chunk("one") + Done },
        { Usage, "" },
        { Quoting + WithChoices + Usage + Done, Quoting + WithChoices + Done },
        { ": a comment\n\ndata: {\"choices\":[],\"usage\":null}\n\nevent: x\n" + Usage + Done, ": a comment\n\ndata: {\"choices\":[],\"usage\":null}\n\nevent: x\n" + Usage + Done },
        { Long + Usage + Long + Done, Long + Long + Done },
        { FakeWorker.Chunk("one") + "data: {\"choices\":[],\"usage\":{", FakeWorker.Chunk("one") + "data: {\"choices\":[],\"usage\":{" },
        { "data: {\"choices\":[],\"usage\":{}}", "data: {\"choices\":[],\"usage\":{}}" },
    };

    [Theory]
    [MemberData(nameof(Streams))]
    public void Only_the_event_that_tells_the_usage_is_taken_out_wherever_the_stream_is_cut(string stream, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(stream);
        foreach (var size in Enumerable.Range(1, 300).Append(4096).Append(bytes.Length))
        {
            using var filter = new UsageEventFilter();
            var output = new List<byte>();
            for (var at = 0; at < bytes.Length; at += size)
            {
                output.AddRange(filter.Filter(bytes.AsMemory(at, Math.Min(size, bytes.Length - at))).Span);
            }

            output.AddRange(filter.End().Span);
            Encoding.UTF8.GetString([.. output]).ShouldBe(expected, $"cut in pieces of {size}");
        }
    }

    [Fact]
    public void An_event_that_is_whole_is_not_held_and_not_copied()
    {
        using var filter = new UsageEventFilter();
        ReadOnlyMemory<byte> piece = Encoding.UTF8.GetBytes(FakeWorker.Chunk("one"));

        filter.Filter(piece).ShouldBe(piece);
    }
}
