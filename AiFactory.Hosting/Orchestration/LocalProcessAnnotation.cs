using Aspire.Hosting.ApplicationModel;

namespace AiFactory.Hosting.Orchestration;

/// <summary>How a resource that Aspire would run as a container is run as a local process. It is asked again before each start.</summary>
internal sealed class LocalProcessAnnotation(Func<LocalProcessContext, CancellationToken, Task<LocalProcess>> prepare) : IResourceAnnotation
{
    public Func<LocalProcessContext, CancellationToken, Task<LocalProcess>> PrepareAsync { get; } = prepare;
}
