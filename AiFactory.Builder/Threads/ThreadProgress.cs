using AiFactory.Contracts.Builder.Threads;

namespace AiFactory.Builder.Threads;

/// <summary>What is shown while an answer is made.</summary>
internal abstract record ThreadProgress
{
    private ThreadProgress()
    {
    }

    /// <param name="Value">What the answer goes on with.</param>
    internal sealed record Text(string Value) : ThreadProgress;

    internal sealed record Step(ThreadStep Value) : ThreadProgress;
}
