using AiFactory.Hosting.Acquisition;
using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Postgres;

/// <summary>The files of one database cluster.</summary>
internal sealed partial class PostgresDataDirectory(string path)
{
    public string Path { get; } = path;

    /// <summary>
    /// Makes the cluster when there is none: in a folder beside, then renamed, so that one interrupted leaves nothing half made.
    /// The password reaches initdb by a file that only its reader may open, which is gone afterwards.
    /// </summary>
    public async Task EnsureAsync(
        PostgresInstallation installation, PostgresAccount account, EmbeddedPostgresOptions options, ILogger logger, CancellationToken cancellationToken)
    {
        if (File.Exists(System.IO.Path.Combine(Path, "PG_VERSION")))
        {
            await account.TakeOverAsync(Path, cancellationToken);
            return;
        }

        var making = Path + ".making";
        var passwordFile = Path + ".password";
        try
        {
            DeleteFolder(making);
            CreateFolder(making);
            await WritePrivateAsync(passwordFile, options.Password);
            await account.TakeOverAsync(making, cancellationToken);
            await account.TakeOverAsync(passwordFile, cancellationToken);
            string[] command =
            [
                .. account.Prefix, installation.InitDb, "-D", making, "-U", options.UserName, $"--pwfile={passwordFile}", "--auth=scram-sha-256",
                "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions",
                .. options.Disposable ? ["--no-sync"] : Array.Empty<string>(),
            ];
            var result = await Tool.RunAsync(command[0], command[1..], PostgresServer.Environment, making, cancellationToken);
            if (!result.Succeeded)
            {
                throw new PostgresStartException($"Postgres could not make its data directory {Path}: {result.LastWords}");
            }

            DeleteFolder(Path);
            Directory.Move(making, Path);
            LogMade(logger, Path);
        }
        catch (IOException e)
        {
            throw new PostgresStartException($"Postgres could not make its data directory {Path}: {e.Message}", e);
        }
        finally
        {
            File.Delete(passwordFile);
        }
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static void DeleteFolder(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task WritePrivateAsync(string path, string text)
    {
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var writer = new StreamWriter(path, options);
        await writer.WriteAsync(text);
    }

    [LoggerMessage(5201, LogLevel.Information, "Made the Postgres data directory {Path}")]
    private static partial void LogMade(ILogger logger, string path);
}
