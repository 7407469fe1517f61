using System.Buffers;
using System.Text.Json;

namespace AiFactory.Gateway.SubRequests;

/// <summary>Keeps an answer until all of it is there.</summary>
/// <param name="largest">Bytes: vectors for 2,048 texts of a large model are some 100 MB of JSON; what is larger than 256 MB is no answer.</param>
/// <param name="grows">Waits until there may be so many bytes; null where nothing is waited for.</param>
internal sealed class WholeAnswer(int largest = 256 * 1024 * 1024, Func<long, CancellationToken, ValueTask>? grows = null) : AnswerSink
{
    private readonly ArrayBufferWriter<byte> _body = new();

    public int Status { get; private set; }

    public IHeaderDictionary Headers { get; private set; } = new HeaderDictionary();

    public ReadOnlyMemory<byte> Body => _body.WrittenMemory;

    /// <summary>Whether it broke off.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Whether it broke off because it was larger than any that is taken.</summary>
    public bool IsTooLarge { get; private set; }

    /// <summary>What is not of the body alone: when to come again, what is left of a limit.</summary>
    public void CopyHeaders(HttpResponse response) => CopyHeaders(Headers, response);

    public static void CopyHeaders(IHeaderDictionary from, HttpResponse response)
    {
        foreach (var (name, values) in from)
        {
            if (!name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase))
            {
                response.Headers[name] = values;
            }
        }
    }

    /// <summary>Null when the body is no JSON.</summary>
    public JsonDocument? Parse()
    {
        try
        {
            return JsonDocument.Parse(Body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public override ValueTask BeginAsync(int status, IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        (Status, Headers) = (status, headers);
        return ValueTask.CompletedTask;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        var size = _body.WrittenCount + (long)piece.Length;
        if (size > largest)
        {
            (IsBroken, IsTooLarge) = (true, true);
            throw new IOException("The answer is larger than any that is passed on whole.");
        }

        if (grows is not null)
        {
            await grows(size, cancellationToken);
        }

        _body.Write(piece.Span);
    }

    public override void Abort() => IsBroken = true;
}
