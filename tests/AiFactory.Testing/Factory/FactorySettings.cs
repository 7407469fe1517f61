using AiFactory.Testing.Edges;

namespace AiFactory.Testing.Factory;

/// <summary>Where one factory of a test keeps its data and listens. Whoever makes it disposes of it, which deletes the data: declared before its factory, it goes after it.</summary>
/// <param name="DataFolder">A new temporary folder, so that factories of different tests share nothing.</param>
/// <param name="AppHostAssembly">The built AppHost.</param>
/// <param name="Extra">More environment variables, for example <c>ConnectionStrings__postgres</c>.</param>
public sealed record FactorySettings(
    string DataFolder,
    string ModelsFolder,
    int GatewayPort,
    int DashboardPort,
    string AdminKey,
    string AppHostAssembly,
    IReadOnlyDictionary<string, string> Extra) : IAsyncDisposable
{
    /// <summary>How long its processes may be on their way out before the data is left behind.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether it runs in a network of its own that leads nowhere (see <see cref="CutNetwork"/>).</summary>
    public bool HasCutNetwork { get; init; }

    public Uri GatewayAddress => new($"http://localhost:{GatewayPort}");

    /// <summary>Settings of a factory that has never run; its models are a copy of the repository's.</summary>
    public static FactorySettings Fresh()
    {
        var data = Directory.CreateTempSubdirectory("aifactory-test-").FullName;
        var models = Directory.CreateDirectory(Path.Combine(data, "models")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(RepositoryFolder.Root, "models"), "*.gguf"))
        {
            File.Copy(file, Path.Combine(models, Path.GetFileName(file)));
        }

        return new FactorySettings(
            data,
            models,
            FreePort.Take(),
            FreePort.Take(),
            $"aif_test{Guid.CreateVersion7():N}",
            BuiltAssembly("AiFactory.AppHost"),
            new Dictionary<string, string>());
    }

    /// <summary>The assembly of a project of the solution, in the configuration that the tests were built in.</summary>
    public static string BuiltAssembly(string project)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var configuration = output.Parent!.Name; // bin/<configuration>/net10.0: a test's base directory always has a parent
        return Path.Combine(RepositoryFolder.Root, project, "bin", configuration, output.Name, $"{project}.dll");
    }

    public Dictionary<string, string> ToEnvironment()
    {
        var environment = new Dictionary<string, string>
        {
            ["DOTNET_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = $"http://localhost:{DashboardPort}",
            ["Aspire__Store__Path"] = DataFolder,
            ["Parameters__admin_key"] = AdminKey,
            ["Gateway__Port"] = GatewayPort.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["Models__Directory"] = ModelsFolder,
            ["Upstreams__AllowedHosts__0"] = "http://localhost", // a factory can be the upstream of its own
        };
        foreach (var (name, value) in Extra)
        {
            environment[name] = value;
        }

        return environment;
    }

    /// <summary>Throws nothing: of a test that has failed one wants to read why, not that its data was still there.</summary>
    public async ValueTask DisposeAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        while (Directory.Exists(DataFolder))
        {
            try
            {
                Directory.Delete(DataFolder, recursive: true);
            }
            catch (Exception refused) when (refused is UnauthorizedAccessException || (refused is IOException && TimeProvider.System.GetElapsedTime(began) >= Patience))
            {
                await Console.Error.WriteLineAsync($"The data of the test's factory stays in {DataFolder}: {refused.Message}");
                return;
            }
            catch (IOException)
            {
                // Of a factory that was killed a process may still be on its way out, and write.
                await Task.Delay(100);
            }
        }
    }
}
