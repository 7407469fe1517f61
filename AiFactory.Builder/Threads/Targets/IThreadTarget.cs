namespace AiFactory.Builder.Threads.Targets;

/// <summary>A kind of what can answer in a thread.</summary>
internal interface IThreadTarget
{
    /// <summary>One of <see cref="ThreadTarget.Kinds"/>.</summary>
    string Kind { get; }

    /// <param name="report">Is told what to show while the answer is made.</param>
    /// <exception cref="ThreadAnswerException">There is no answer.</exception>
    Task<ThreadAnswer> AnswerAsync(ThreadTurn turn, Func<ThreadProgress, ValueTask> report, CancellationToken cancellationToken);
}
