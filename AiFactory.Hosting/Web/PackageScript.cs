using System.Buffers;
using System.Text.Json;
using AiFactory.Hosting.Orchestration;
using Aspire.Hosting;

namespace AiFactory.Hosting.Web;

/// <summary>
/// Runs a script of package.json. A script that is one plain command of an installed package, as in
/// <code>"scripts": { "dev": "vite" }</code>
/// is run directly: npm would stand beside it for all its life, with 60 MB, only to wait.
/// </summary>
internal static class PackageScript
{
    private static readonly SearchValues<char> ShellCharacters = SearchValues.Create("&|;<>()$`\\\"'*?[]#~=%!{}\n");

    public static LocalProcess Describe(string directory, string script, LocalProcessContext context)
    {
        if (!File.Exists(Path.Combine(directory, "package.json")))
        {
            throw new DistributedApplicationException($"'{context.Resource.Name}' has no package.json in '{directory}'.");
        }

        var command = Plain(directory, script);
        return new LocalProcess
        {
            FileName = command is null ? "npm" : "node",
            Arguments = command is null ? ["run", script, "--", .. context.Arguments] : [.. command, .. context.Arguments],
            WorkingDirectory = directory,
            Environment = context.Environment,
        };
    }

    /// <summary>The words of the script, its command replaced by the file that it stands for. Null: only npm can run it.</summary>
    internal static IReadOnlyList<string>? Plain(string directory, string script)
    {
        using var package = JsonDocument.Parse(File.ReadAllText(Path.Combine(directory, "package.json")));
        if (!package.RootElement.TryGetProperty("scripts", out var scripts)
            || !scripts.TryGetProperty(script, out var value)
            || scripts.TryGetProperty($"pre{script}", out _)
            || scripts.TryGetProperty($"post{script}", out _)
            || value.GetString() is not { } text
            || text.AsSpan().ContainsAny(ShellCharacters))
        {
            return null;
        }

        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
        {
            return null;
        }

        // node_modules/.bin/vite is a link to ../vite/bin/vite.js.
        var link = new FileInfo(Path.Combine(directory, "node_modules", ".bin", words[0]));
        return link.Exists && link.ResolveLinkTarget(returnFinalTarget: true) is { Exists: true, Extension: ".js" or ".mjs" or ".cjs" } target
            ? [target.FullName, .. words[1..]]
            : null;
    }
}
