namespace AiFactory.ServiceDefaults.Postgres;

/// <summary>How far the service's database is: workers wait for <see cref="Completed"/>, readiness reads <see cref="Problem"/>.</summary>
public sealed class MigrationState
{
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _problem = "The database's migrations have not run yet.";

    /// <summary>Ends when every migration is applied; fails with a <see cref="MigrationException"/> when the migrations themselves are refused.</summary>
    public Task Completed => _completed.Task;

    /// <summary>What stands between the database and its last migration; null once completed.</summary>
    public string? Problem => _problem;

    internal void Report(string problem) => _problem = problem;

    internal void Complete()
    {
        _problem = null;
        _completed.TrySetResult();
    }

    internal void Refuse(MigrationException error)
    {
        _problem = error.Message;
        _completed.TrySetException(error);
    }
}
