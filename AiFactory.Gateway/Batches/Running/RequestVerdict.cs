using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>What became of one try of a request.</summary>
internal abstract record RequestVerdict
{
    private RequestVerdict()
    {
    }

    /// <summary>What the client gets.</summary>
    /// <param name="Status">Of the answer; null where there is none.</param>
    /// <param name="Answer">JSON on one line; null where there is none.</param>
    public sealed record Result(int? Status, ReadOnlyMemory<byte>? Answer, string? ErrorCode = null, string? ErrorMessage = null) : RequestVerdict
    {
        /// <summary>What the answer says that it took.</summary>
        public AnswerUsage Usage { get; init; }

        public static Result Failed(string code, string message) => new(null, null, code, message);
    }

    /// <summary>It is tried again: there is no room for it now.</summary>
    /// <param name="Asked">How long to wait, where that was said.</param>
    /// <param name="Counts">Whether the request itself may be why.</param>
    /// <param name="IsCrowded">Whether a limit on requests at once is why: there is room again when another has ended.</param>
    public sealed record Wait(TimeSpan? Asked, bool Counts = false, bool IsCrowded = false) : RequestVerdict;

    /// <summary>It is tried again a few times: a replica failed over it.</summary>
    public sealed record Again : RequestVerdict;

    /// <summary>A flow was under way when it was broken off: its run may have had effects, so it is not begun again.</summary>
    public sealed record Interrupted : RequestVerdict;

    /// <summary>Nobody may ask in this name any more.</summary>
    public sealed record OwnerGone(OpenAIError Error) : RequestVerdict;
}
