using System.Buffers;
using System.Text;

namespace AiFactory.Hosting.Orchestration.Processes;

/// <summary>Reads a stream of text by lines, and cuts those that never end.</summary>
internal static class LinePump
{
    private const int MaxLineLength = 16_384;

    public static async Task RunAsync(StreamReader reader, Action<string> line)
    {
        var buffer = ArrayPool<char>.Shared.Rent(4_096);
        var rest = new StringBuilder();
        try
        {
            int read;
            while ((read = await reader.ReadAsync(buffer)) > 0)
            {
                Split(buffer.AsSpan(0, read), rest, line);
            }

            if (rest.Length > 0)
            {
                line(rest.ToString());
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The process is gone, and so is its pipe.
        }
        finally
        {
            ArrayPool<char>.Shared.Return(buffer);
        }
    }

    private static void Split(ReadOnlySpan<char> text, StringBuilder rest, Action<string> line)
    {
        while (text.Length > 0)
        {
            var end = text.IndexOf('\n');
            rest.Append(end < 0 ? text : text[..end]);
            if (end < 0 && rest.Length < MaxLineLength)
            {
                return;
            }

            if (rest.Length > 0 && rest[^1] == '\r')
            {
                rest.Length--;
            }

            line(rest.ToString());
            rest.Clear();
            text = end < 0 ? [] : text[(end + 1)..];
        }
    }
}
