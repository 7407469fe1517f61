namespace AiFactory.Contracts.Builder.Threads;

/// <summary>The names of the events that <c>POST .../threads/{id}/messages</c> answers with.</summary>
public static class ThreadEvents
{
    /// <summary>Data: <see cref="ThreadDelta"/>.</summary>
    public const string Delta = "message.delta";

    /// <summary>Data: <see cref="ThreadStep"/>.</summary>
    public const string Step = "message.step";

    /// <summary>The last one. Data: <see cref="ThreadDone"/>.</summary>
    public const string Done = "message.done";

    /// <summary>The last one. Data: <see cref="ThreadFailed"/>.</summary>
    public const string Failed = "message.failed";
}
