namespace AiFactory.Contracts.Workers;

/// <summary>The values of <see cref="WorkerModelStatus.State"/>.</summary>
public static class WorkerModelStates
{
    public const string Fetching = "fetching";
    public const string Loading = "loading";
    public const string Ready = "ready";
    public const string Failed = "failed";
    public const string Unloading = "unloading";

    /// <summary>Its memory is given back and its file is here; requests wait until it is woken.</summary>
    public const string Sleeping = "sleeping";

    /// <summary>As <see cref="Sleeping"/>, and requests are refused.</summary>
    public const string Unloaded = "unloaded";
}
