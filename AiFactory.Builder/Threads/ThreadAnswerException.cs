namespace AiFactory.Builder.Threads;

/// <summary>There is no answer; the message is a sentence for who asked.</summary>
/// <param name="status">As an HTTP answer would have it.</param>
/// <param name="code">For programs, or null.</param>
internal sealed class ThreadAnswerException(string message, int status, string? code, Exception? inner = null) : Exception(message, inner)
{
    internal int Status { get; } = status;

    internal string? Code { get; } = code;
}
