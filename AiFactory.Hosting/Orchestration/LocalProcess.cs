namespace AiFactory.Hosting.Orchestration;

/// <summary>A process to start. Its environment is these variables over a clean part of the AppHost's own (see ChildEnvironment).</summary>
internal sealed record LocalProcess
{
    public required string FileName { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    public required string WorkingDirectory { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public StopSignal StopSignal { get; init; } = StopSignal.Terminate;

    /// <summary>How long the process may take to end after the signal before it is killed.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(3);
}
