namespace AiFactory.Inference.Engine.Admission;

/// <summary>Requests of one priority, by project, in the order in which they came.</summary>
internal sealed class PriorityClass<T>(int priority, long now)
{
    private readonly Dictionary<string, LinkedList<Waiting<T>>> _projects = new(StringComparer.Ordinal);

    public int Priority { get; } = priority;

    /// <summary>When one of them had its turn, or since when there are any.</summary>
    public long LastTurn { get; set; } = now;

    public bool IsEmpty => _projects.Count == 0;

    public bool Has(string project) => _projects.ContainsKey(project);

    public void Add(Waiting<T> waiting)
    {
        if (!_projects.TryGetValue(waiting.Terms.Project, out var project))
        {
            _projects.Add(waiting.Terms.Project, project = []);
        }

        project.AddLast(waiting);
    }

    /// <summary>The first of the project that had the fewest tokens. Not for an empty class.</summary>
    public Waiting<T> Next(TokenShares shares) => Next(shares, _ => true) ?? throw new InvalidOperationException("Nobody waits in this class.");

    /// <summary>Of those that fit the first of the project that had the fewest tokens; null when none does.</summary>
    public Waiting<T>? Next(TokenShares shares, Func<T, bool> fits)
    {
        Waiting<T>? next = null;
        foreach (var (_, project) in _projects)
        {
            if (project.FirstOrDefault(waiting => fits(waiting.Item)) is { } first
                && (next is null || (shares.Of(first.Terms.Project), first.Number).CompareTo((shares.Of(next.Terms.Project), next.Number)) < 0))
            {
                next = first;
            }
        }

        return next;
    }

    public void Remove(Waiting<T> waiting)
    {
        if (_projects.TryGetValue(waiting.Terms.Project, out var project) && project.Remove(waiting) && project.Count == 0)
        {
            _projects.Remove(waiting.Terms.Project);
        }
    }

    public IEnumerable<Waiting<T>> All() => _projects.Values.SelectMany(project => project);
}
