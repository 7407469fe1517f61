namespace AiFactory.Contracts.Workers;

/// <summary>The values of <see cref="WorkerModelStatus.State"/>.</summary>
public static class WorkerModelStates
{
    public const string Fetching = "fetching";
    public const string Loading = "loading";
    public const string Ready = "ready";
    public const string Failed = "failed";
    public const string Unloading = "unloading";
}
