using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace AiFactory.Inference.Isolation;

/// <summary>
/// Passes a body on as it comes. Of server-sent events only whole ones: what a process that died had begun to write is nobody's, and what follows it must begin a line.
/// </summary>
internal sealed class EngineBody(PipeWriter to, bool isEvents)
{
    private const int ReadBytes = 16 * 1024;

    /// <summary>Events that were passed on.</summary>
    public int Events { get; private set; }

    /// <exception cref="EngineDiedException">The body broke off.</exception>
    public async Task CopyAsync(Stream from, CancellationToken cancellationToken)
    {
        var buffer = new byte[ReadBytes];
        for (var held = 0; ;)
        {
            if (held == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }

            var read = await ReadAsync(from, buffer.AsMemory(held), cancellationToken);
            held += read;
            var whole = read == 0 || !isEvents ? held : EndOfEvents(buffer.AsSpan(0, held));
            if (whole > 0)
            {
                Events += isEvents ? buffer.AsSpan(0, whole).Count("\n\n"u8) : 0;
                to.Write(buffer.AsSpan(0, whole));
                if ((await to.FlushAsync(cancellationToken)).IsCompleted)
                {
                    throw new OperationCanceledException(cancellationToken);
                }

                buffer.AsSpan(whole, held - whole).CopyTo(buffer);
                held -= whole;
            }

            if (read == 0)
            {
                return;
            }
        }
    }

    public async Task WriteEventAsync(string? name, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        to.Write(Encoding.UTF8.GetBytes(name is null ? "data: " : $"event: {name}\ndata: "));
        to.Write(json.Span);
        to.Write("\n\n"u8);
        await to.FlushAsync(cancellationToken);
    }

    private static int EndOfEvents(ReadOnlySpan<byte> bytes) => bytes.LastIndexOf("\n\n"u8) is >= 0 and var end ? end + 2 : 0;

    private static async Task<int> ReadAsync(Stream from, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await from.ReadAsync(buffer, cancellationToken);
        }
        catch (IOException error)
        {
            throw new EngineDiedException(error.Message);
        }
    }
}
