using System.Text;
using AiFactory.Gateway.Batches.Running;

namespace AiFactory.Gateway.Tests.Batches;

public sealed class LineReaderTests
{
    /// <summary>Lines around the first buffer's end, a mark at the beginning, one that is too long, and a last one without an end.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task Each_line_has_its_number_and_its_place_in_the_file(int atOnce)
    {
        string[] lines = ["a", "", new string('b', 65_500), "ü", new string('c', 70_000), "d\r", "e"];
        var bytes = Encoding.UTF8.GetBytes("\uFEFF" + string.Join('\n', lines));
        var reader = new LineReader(new Trickle(bytes, atOnce), longest: 66_000);

        var read = new List<(int, string, bool)>();
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            var line = Encoding.UTF8.GetString(reader.Line.Span);
            read.Add((reader.Number, line, reader.IsTooLong));
            if (!reader.IsTooLong)
            {
                Encoding.UTF8.GetString(bytes.AsSpan((int)reader.Offset, reader.Line.Length)).ShouldBe(line);
            }
        }

        read.ShouldBe(lines.Select((line, i) => (i + 1, line.Length > 66_000 ? "" : line, line.Length > 66_000)));
    }

    private sealed class Trickle(byte[] bytes, int atOnce) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..Math.Min(atOnce, buffer.Length)], cancellationToken);
    }
}
