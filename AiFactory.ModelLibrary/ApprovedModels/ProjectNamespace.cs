using AiFactory.ModelLibrary.Auditing;
using AiFactory.ModelLibrary.Kubernetes;

namespace AiFactory.ModelLibrary.ApprovedModels;

/// <summary>How far one project's namespace is. Changed by one loop alone; <see cref="Failure"/> is read by others.</summary>
internal sealed class ProjectNamespace(string project, string name, TimeSpan resync)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private AuditMark? _written;
    private int _failures;
    private DateTimeOffset _next = DateTimeOffset.MinValue;
    private volatile KubernetesException? _failure;

    internal string Project => project;

    internal string Name => name;

    /// <summary>Null once the namespace says what the catalogue says.</summary>
    internal KubernetesException? Failure => _failure;

    /// <param name="act">How far the audit is: nothing is approved or revoked without one.</param>
    internal bool IsDue(AuditMark act, DateTimeOffset now) => now >= _next || (act != _written && _failure is not { IsOfTheObject: false });

    internal void Succeeded(AuditMark act, DateTimeOffset now)
    {
        (_written, _failures, _failure) = (act, 0, null);
        _next = now + resync;
    }

    /// <summary>The server is left alone, unless it refused some objects only: then the others were written, and a new act is again at once.</summary>
    /// <returns>How long it is left alone: as it asks to be, or twice as long each time.</returns>
    internal TimeSpan Failed(KubernetesException failure, AuditMark act, DateTimeOffset now)
    {
        if (failure.IsOfTheObject)
        {
            _written = act;
        }

        var pause = FirstPause * Math.Pow(2, Math.Min(_failures, 10));
        _failures++;
        _failure = failure;
        pause = failure.RetryAfter is { } asked && asked > pause ? asked : pause;
        pause = pause < LongestPause ? pause : LongestPause;
        _next = now + pause;
        return pause;
    }

    /// <summary>Another library writes: what was known here says nothing any more.</summary>
    internal void Forget()
    {
        (_written, _failures, _failure) = (null, 0, null);
        _next = DateTimeOffset.MinValue;
    }
}
