namespace AiFactory.Builder.Threads.Targets;

internal sealed class ThreadTargets(IEnumerable<IThreadTarget> all)
{
    private readonly Dictionary<string, IThreadTarget> _byKind = all.ToDictionary(target => target.Kind, StringComparer.Ordinal);

    internal IThreadTarget Of(ThreadTarget target) => _byKind[target.Kind];
}
