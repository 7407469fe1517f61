using AiFactory.Hosting.Acquisition;
using Microsoft.Extensions.Logging;

namespace AiFactory.Hosting.Postgres;

/// <summary>
/// Whom the server runs as. Postgres refuses root, so there it is started behind a program that changes who it is and then
/// becomes it (same process id):
/// <list type="bullet">
/// <item>a user namespace in which root is seen as nobody; on the disk it stays root, so private folders stay readable;</item>
/// <item>where namespaces are forbidden (most containers), nobody itself. The data directory is given to it, and it keeps the one
/// capability to pass through folders such as <c>/root</c> that are closed to it (and the secure bit with which access(2), by
/// which Postgres looks for its programs, respects that).</item>
/// </list>
/// Files on the disk belong to root in the first case and to nobody in the second, so the choice is remembered beside them.
/// </summary>
internal sealed partial class PostgresAccount
{
    private const string Nobody = "65534";

    private static readonly PostgresAccount Self = new("self", []);
    private static readonly PostgresAccount Namespace = new("namespace",
        ["unshare", "--user", $"--map-user={Nobody}", $"--map-group={Nobody}", "--"]);
    private static readonly PostgresAccount Other = new("nobody",
        ["setpriv", "--securebits=+no_setuid_fixup", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", "--inh-caps=-all,+dac_override", "--ambient-caps=+dac_override", "--"]);

    private PostgresAccount(string name, string[] prefix) => (Name, Prefix) = (name, prefix);

    public string Name { get; }

    /// <summary>What stands before the program on its command line.</summary>
    public IReadOnlyList<string> Prefix { get; }

    /// <summary>Chooses once for a data directory; throws <see cref="PostgresStartException"/> when root cannot be shed.</summary>
    /// <param name="memory">The file that remembers the choice.</param>
    public static async Task<PostgresAccount> ChooseAsync(string memory, ILogger logger, CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess || OperatingSystem.IsWindows())
        {
            return Self;
        }

        var remembered = File.Exists(memory) ? (await File.ReadAllTextAsync(memory, cancellationToken)).Trim() : null;
        PostgresAccount[] order = remembered == Other.Name ? [Other, Namespace] : [Namespace, Other];
        foreach (var account in order)
        {
            if (!await account.WorksAsync(cancellationToken))
            {
                continue;
            }

            if (account.Name != remembered)
            {
                await File.WriteAllTextAsync(memory, account.Name + "\n", cancellationToken);
                LogChosen(logger, account.Name);
            }

            return account;
        }

        throw new PostgresStartException(
            "Postgres refuses to run as root, and neither unshare nor setpriv can start it as somebody else here: run the factory as a normal user.");
    }

    /// <summary>Gives a file or folder, with all in it, to whom the server runs as.</summary>
    public async Task TakeOverAsync(string path, CancellationToken cancellationToken)
    {
        if (Name == Self.Name)
        {
            return;
        }

        var owner = Name == Other.Name ? Nobody : "0";
        var result = await Tool.RunAsync("chown", ["-R", $"{owner}:{owner}", path], cancellationToken: cancellationToken);
        if (!result.Succeeded)
        {
            throw new PostgresStartException($"The folder {path} could not be given to the account that Postgres runs as: {result.LastWords}");
        }
    }

    private async Task<bool> WorksAsync(CancellationToken cancellationToken) =>
        Tool.Find(Prefix[0]) is not null
        && (await Tool.RunAsync(Prefix[0], [.. Prefix.Skip(1), "true"], cancellationToken: cancellationToken)).Succeeded;

    [LoggerMessage(5200, LogLevel.Information, "Postgres refuses root: it runs by way of '{Account}'")]
    private static partial void LogChosen(ILogger logger, string account);
}
