using Microsoft.Extensions.Configuration;

namespace AiFactory.Hosting.Orchestration;

/// <summary>
/// Where the AppHost keeps what outlives a run: <c>{AppHostDirectory}/.aspire</c>, which git ignores, or where Aspire's own setting
/// <c>Aspire:Store:Path</c> says.
/// </summary>
internal sealed class AppHostDirectories(string appHostDirectory, IConfiguration configuration)
{
    public string AppHost { get; } = appHostDirectory;

    public string Data { get; } = Path.GetFullPath(configuration["Aspire:Store:Path"] is { Length: > 0 } given ? given : ".aspire", appHostDirectory);
}
