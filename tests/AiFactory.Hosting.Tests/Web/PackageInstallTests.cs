using System.Diagnostics;
using AiFactory.Hosting.Orchestration;
using AiFactory.Hosting.Web;
using Aspire.Hosting.JavaScript;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiFactory.Hosting.Tests.Web;

public sealed class PackageInstallTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("aifactory-install-");
    private readonly ServiceProvider _services = new ServiceCollection().BuildServiceProvider();

    public PackageInstallTests()
    {
        _folder.CreateSubdirectory("part");
        File.WriteAllText(Path.Combine(_folder.FullName, "part", "package.json"), """{ "name": "part", "version": "1.0.0" }""");
        File.WriteAllText(Path.Combine(_folder.FullName, "package.json"), """{ "name": "whole", "version": "1.0.0", "dependencies": { "part": "file:part" } }""");
        File.WriteAllText(Path.Combine(_folder.FullName, "package-lock.json"), """
            {
              "name": "whole", "version": "1.0.0", "lockfileVersion": 3, "requires": true,
              "packages": {
                "": { "name": "whole", "version": "1.0.0", "dependencies": { "part": "file:part" } },
                "node_modules/part": { "resolved": "part", "link": true },
                "part": { "version": "1.0.0" }
              }
            }
            """);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _services.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Of_two_factories_of_one_checkout_one_installs_and_the_other_waits_for_it()
    {
        // Both have seen that nothing is installed before either begins.
        LocalProcess[] installs = [await DescribeAsync(), await DescribeAsync()];
        var outputs = await TestHost.Soon(Task.WhenAll(installs.Select(RunAsync)));
        File.Delete(installs[0].Arguments[^1]); // The file that they locked: it lies among the temporary ones, and not in the folder.

        outputs.Count(output => output.Contains("Another factory has installed the packages.", StringComparison.Ordinal)).ShouldBe(1, string.Join("\n---\n", outputs));
        File.Exists(Path.Combine(_folder.FullName, "node_modules", "part", "package.json")).ShouldBeTrue();
        (await RunAsync(await DescribeAsync())).ShouldStartWith("The installed packages are those that package.json asks for.");
    }

    private Task<LocalProcess> DescribeAsync()
    {
        var context = new LocalProcessContext(new Dictionary<string, int>())
        {
            Resource = new JavaScriptInstallerResource("web-installer", _folder.FullName),
            ResourceId = "web-installer",
            Services = _services,
            Logger = NullLogger.Instance,
            DataDirectory = Path.Combine(_folder.FullName, ".aspire"),
            Arguments = [],
            Environment = new Dictionary<string, string>(),
        };
        return PackageInstall.DescribeAsync(_folder.FullName, context, Token);
    }

    private static async Task<string> RunAsync(LocalProcess install)
    {
        var start = new ProcessStartInfo(install.FileName, install.Arguments)
        {
            WorkingDirectory = install.WorkingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start).ShouldNotBeNull();
        var errors = process.StandardError.ReadToEndAsync(Token);
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        process.ExitCode.ShouldBe(0, $"{output}\n{await errors}");
        return output;
    }
}
