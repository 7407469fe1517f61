namespace AiFactory.Builder.Models;

/// <summary>A model did not answer, or refused; the message is a sentence for who made the call.</summary>
/// <param name="status">The gateway's status; null when there was no answer.</param>
/// <param name="code">OpenAI's error code, or null.</param>
/// <param name="isTransient">Whether the same call may succeed later.</param>
internal sealed class ModelCallException(string message, int? status, string? code, bool isTransient, Exception? inner = null) : Exception(message, inner)
{
    internal int? Status { get; } = status;

    internal string? Code { get; } = code;

    internal bool IsTransient { get; } = isTransient;
}
