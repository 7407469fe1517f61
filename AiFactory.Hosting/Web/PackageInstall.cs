using System.Security.Cryptography;
using System.Text;
using AiFactory.Hosting.Orchestration;

namespace AiFactory.Hosting.Web;

/// <summary>Installs npm packages, unless what is installed is what package.json and its lock file ask for.</summary>
internal static class PackageInstall
{
    private const string StampFile = ".aifactory-installed";

    // The stamp is written when npm has succeeded, and goes away with node_modules. Two factories of one checkout install one after the other, where the system has flock(1);
    // the second then finds the work done.
    private const string Install = """
        if command -v flock >/dev/null; then exec 9>"$4" && flock 9; fi
        if [ "$(cat "node_modules/$3" 2>/dev/null)" = "$2" ]; then echo 'Another factory has installed the packages.'; exit 0; fi
        npm "$1" --no-audit --no-fund --prefer-offline && printf %s "$2" > "node_modules/$3"
        """;

    public static async Task<LocalProcess> DescribeAsync(string directory, LocalProcessContext context, CancellationToken cancellationToken)
    {
        var wanted = await StampAsync(directory, cancellationToken);
        var stamp = Path.Combine(directory, "node_modules", StampFile);
        var installed = File.Exists(stamp) && await File.ReadAllTextAsync(stamp, cancellationToken) == wanted;
        var hasLock = File.Exists(Path.Combine(directory, "package-lock.json"));
        return new LocalProcess
        {
            FileName = "/bin/sh",
            Arguments = installed
                ? ["-c", "echo 'The installed packages are those that package.json asks for.'"]
                : ["-c", Install, "install", hasLock ? "ci" : "install", wanted, StampFile, LockOf(directory)],
            WorkingDirectory = directory,
            Environment = context.Environment,
        };
    }

    private static string LockOf(string directory) =>
        Path.Combine(Path.GetTempPath(), $"aifactory-npm-{Environment.UserName}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(directory)))[..16]}.lock");

    private static async Task<string> StampAsync(string directory, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in new[] { "package.json", "package-lock.json" })
        {
            var file = Path.Combine(directory, name);
            if (File.Exists(file))
            {
                hash.AppendData(await File.ReadAllBytesAsync(file, cancellationToken));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
