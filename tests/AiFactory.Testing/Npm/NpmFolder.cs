using System.Diagnostics;

namespace AiFactory.Testing.Npm;

/// <summary>A folder of scripts with a lock of npm packages: the packages are installed once, and a script runs with them.</summary>
/// <param name="path">From the repository's root.</param>
public sealed class NpmFolder(params string[] path)
{
    private readonly string _folder = System.IO.Path.Combine([RepositoryFolder.Root, .. path]);
    private readonly Lock _lock = new();
    private Task? _installed;

    /// <summary>Where it lies.</summary>
    public string Path => _folder;

    /// <summary>Once, however often it is asked for.</summary>
    public Task InstallAsync()
    {
        lock (_lock)
        {
            return _installed ??= RunAsync("npm", ["ci", "--ignore-scripts", "--prefer-offline"], new Dictionary<string, string>(), "", CancellationToken.None);
        }
    }

    /// <returns>What the script printed.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message is what it complained of.</exception>
    public async Task<string> RunAsync(string script, IReadOnlyDictionary<string, string> environment, string input = "", CancellationToken cancellationToken = default)
    {
        await InstallAsync();
        return await RunAsync("node", [script], environment, input, cancellationToken);
    }

    private async Task<string> RunAsync(string program, string[] arguments, IReadOnlyDictionary<string, string> environment, string input, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        try
        {
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {await error}{await output}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
