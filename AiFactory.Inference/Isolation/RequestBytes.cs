namespace AiFactory.Inference.Isolation;

/// <summary>A request's body as it came: it may have to be sent to more than one process.</summary>
internal sealed record RequestBytes(byte[] Bytes)
{
    /// <summary>Reads the body, within the server's limit, and puts what was read in its place.</summary>
    public static async Task ReadAsync(HttpContext http)
    {
        var request = http.Request;
        using var buffer = new MemoryStream(request.ContentLength is > 0 and < int.MaxValue and var length ? (int)Math.Min(length, 1 << 20) : 0);
        await request.Body.CopyToAsync(buffer, http.RequestAborted);
        var bytes = buffer.ToArray();
        http.Features.Set(new RequestBytes(bytes));
        request.Body = new MemoryStream(bytes, writable: false);
    }
}
