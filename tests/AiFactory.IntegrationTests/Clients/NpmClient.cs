using AiFactory.Testing.Npm;

namespace AiFactory.IntegrationTests.Clients;

/// <summary>npm's packages for the tests of the whole factory.</summary>
internal static class NpmClient
{
    private static readonly NpmFolder Npm = new("tests", "AiFactory.IntegrationTests", "npm");

    /// <returns>What the script printed.</returns>
    internal static Task<string> RunAsync(string script, Dictionary<string, string> environment) =>
        Npm.RunAsync(script, environment, cancellationToken: TestContext.Current.CancellationToken);
}
