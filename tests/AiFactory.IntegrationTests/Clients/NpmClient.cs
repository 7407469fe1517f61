using System.Diagnostics;
using AiFactory.Testing;

namespace AiFactory.IntegrationTests.Clients;

/// <summary>Runs a script with the npm packages of the tests.</summary>
internal static class NpmClient
{
    private static readonly string Folder = Path.Combine(RepositoryFolder.Root, "tests", "AiFactory.IntegrationTests", "npm");

    /// <returns>What the script printed.</returns>
    internal static async Task<string> RunAsync(string script, Dictionary<string, string> environment)
    {
        await RunAsync("npm", ["ci", "--ignore-scripts", "--prefer-offline"], []);
        return await RunAsync("node", [script], environment);
    }

    private static async Task<string> RunAsync(string program, string[] arguments, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0, await error);
        return output;
    }
}
