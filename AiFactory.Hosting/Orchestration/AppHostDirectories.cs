namespace AiFactory.Hosting.Orchestration;

/// <summary>Where the AppHost keeps what outlives a run: <c>{AppHostDirectory}/.aspire</c>, which git ignores.</summary>
internal sealed class AppHostDirectories(string appHostDirectory)
{
    public string AppHost { get; } = appHostDirectory;

    public string Data { get; } = Path.Combine(appHostDirectory, ".aspire");
}
