using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Orchestration;

/// <summary>How a resource that Aspire would run as a container is run as a local process. It is asked again before each start.</summary>
internal sealed class LocalProcessAnnotation(Func<LocalProcessContext, CancellationToken, Task<LocalProcess>> prepare) : IResourceAnnotation
{
    /// <summary>The process listens on the resource's endpoint itself. For one whose callers say much over few connections, and know how to open them again: a proxy copies every byte.</summary>
    public bool IsDirect { get; init; }

    public Func<LocalProcessContext, CancellationToken, Task<LocalProcess>> PrepareAsync { get; } = prepare;
}
