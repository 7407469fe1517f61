using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Files;

/// <summary>The uploads that this gateway takes in, by project. What they bring is nobody's file yet, and lies in storage all the same. In memory, for the uploads of a gateway that dies end with it.</summary>
internal sealed class RunningUploads(IOptions<FilesOptions> options)
{
    private readonly Dictionary<string, (int Count, long Bytes)> _projects = new(StringComparer.Ordinal);
    private readonly HashSet<(string Project, Guid Upload)> _joining = [];
    private readonly Lock _lock = new();

    /// <param name="declared">How many bytes the client says that it sends; 0 where it says nothing.</param>
    /// <param name="others">Those of the project's other uploads.</param>
    /// <returns>Ends the upload; null when the project has as many as it may.</returns>
    public IDisposable? TryBegin(string project, long declared, out long others)
    {
        lock (_lock)
        {
            (var count, others) = _projects.GetValueOrDefault(project);
            if (count == options.Value.MaxUploads)
            {
                return null;
            }

            _projects[project] = (count + 1, others + declared);
            return new Entry(() => End(project, declared));
        }
    }

    /// <summary>The parts of an upload are put together by one at a time: each stores the whole file before it is known whether it is wanted.</summary>
    /// <returns>Ends it; null when somebody is at it.</returns>
    public IDisposable? TryJoin(string project, Guid upload)
    {
        lock (_lock)
        {
            return _joining.Add((project, upload)) ? new Entry(() => EndJoin(project, upload)) : null;
        }
    }

    private void EndJoin(string project, Guid upload)
    {
        lock (_lock)
        {
            _joining.Remove((project, upload));
        }
    }

    private void End(string project, long declared)
    {
        lock (_lock)
        {
            var (count, bytes) = _projects[project];
            if (count == 1)
            {
                _projects.Remove(project);
            }
            else
            {
                _projects[project] = (count - 1, bytes - declared);
            }
        }
    }

    private sealed class Entry(Action end) : IDisposable
    {
        private Action? _end = end;

        public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
    }
}
