using System.Text;
using AiFactory.Gateway.Forwarding;

namespace AiFactory.Gateway.Tests.Forwarding;

public sealed class TokenEventsTests
{
    [Theory]
    [InlineData("\n\n")]
    [InlineData("\r\n\r\n")]
    public void Events_are_counted_alike_wherever_the_stream_is_cut(string end)
    {
        var stream = Encoding.UTF8.GetBytes(string.Concat(
            ": open", end, "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}", end, "data: {\"choices\":[{\"delta\":{\"content\": \"Hello\"}}]}", end,
            "event: x", end, "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"a\"}}]}", end, "data: {\"delta\":\"b\"}", end, "data: [DONE]", end));

        for (var size = 1; size <= stream.Length; size++)
        {
            var (events, count) = (new TokenEvents(), 0);
            for (var at = 0; at < stream.Length; at += size)
            {
                count += events.Count(stream.AsSpan(at, Math.Min(size, stream.Length - at)));
            }

            count.ShouldBe(3, $"in pieces of {size}");
        }
    }
}
