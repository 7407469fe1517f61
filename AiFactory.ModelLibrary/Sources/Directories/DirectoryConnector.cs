using System.Runtime.CompilerServices;

namespace AiFactory.ModelLibrary.Sources.Directories;

/// <summary>
/// A folder on the library's machine. It must lie below an allowed root, and so must, links followed, every file taken from it: a link that leads
/// out is passed over, and links to folders are not walked at all.
/// </summary>
internal sealed class DirectoryConnector(IReadOnlyList<string> allowedRoots) : ISourceConnector
{
    internal const string DirectoryKind = "directory";

    private static readonly EnumerationOptions Walk = new()
    {
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.Hidden | FileAttributes.System,
    };

    public string Kind => DirectoryKind;

    public string? Refuse(string location)
    {
        if (!Path.IsPathFullyQualified(location))
        {
            return "The location must be an absolute path.";
        }

        // Whether a folder outside of the roots exists is nobody's business: the answer is the same.
        var lexical = Path.TrimEndingDirectorySeparator(Path.GetFullPath(location));
        if (RealPath.Of(lexical) is not { } real)
        {
            return allowedRoots.Any(root => RealPath.IsWithin(Path.GetFullPath(root), lexical)) ? "There is no such directory." : Outside();
        }

        return !IsAllowed(real) ? Outside() : Directory.Exists(real) ? null : "The location is not a directory.";
    }

    private string Outside() => allowedRoots.Count == 0
        ? "No directory is allowed as a source: the setting Sources:AllowedRoots is empty."
        : "The location lies outside of the directories that the setting Sources:AllowedRoots allows.";

    public async IAsyncEnumerable<SourceFile> ListAsync(string location, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var root = Open(location);
        await Task.Yield();
        foreach (var file in Files(root, cancellationToken))
        {
            var path = Path.GetRelativePath(root, file.FullName).Replace(Path.DirectorySeparatorChar, '/');
            if (DirectoryLayout.NameOf(path) is { } name && Resolve(root, file.FullName) is { Exists: true } real && RegularFile.Is(real.FullName))
            {
                yield return new SourceFile(path, name.Model, name.Tag, real.Length, ModifiedAt(real));
            }
        }
    }

    public Task<OpenArtifact?> OpenAsync(string location, string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var root = Open(location);
        if (Resolve(root, Path.Combine(root, path)) is not { Exists: true } file)
        {
            return Task.FromResult<OpenArtifact?>(null);
        }

        try
        {
            return Task.FromResult(RegularFile.Open(file.FullName) is { } stream
                ? new OpenArtifact(stream, stream.Length, Precise(File.GetLastWriteTimeUtc(stream.SafeFileHandle)))
                : null);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<OpenArtifact?>(null);
        }
    }

    private string Open(string location) =>
        Refuse(location) is { } refusal ? throw new SourceException(refusal) : RealPath.Of(location) ?? throw new SourceException("There is no such directory.");

    private static IEnumerable<FileInfo> Files(string root, CancellationToken cancellationToken)
    {
        // Depth first, by name, so that two rounds see the same order.
        var folders = new Stack<DirectoryInfo>([new DirectoryInfo(root)]);
        while (folders.TryPop(out var folder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var file in folder.EnumerateFiles("*", Walk).OrderBy(file => file.Name, StringComparer.Ordinal))
            {
                yield return file;
            }

            foreach (var child in folder.EnumerateDirectories("*", Walk).Where(child => child.LinkTarget is null).OrderByDescending(child => child.Name, StringComparer.Ordinal))
            {
                folders.Push(child);
            }
        }
    }

    /// <summary>The file itself behind any links, if it lies in the source's folder or below an allowed root.</summary>
    private FileInfo? Resolve(string root, string file) =>
        RealPath.Of(file) is { } real && (RealPath.IsWithin(root, real) || IsAllowed(real)) ? new FileInfo(real) : null;

    private bool IsAllowed(string real) => allowedRoots.Any(root => RealPath.Of(root) is { } realRoot && RealPath.IsWithin(realRoot, real));

    private static DateTimeOffset ModifiedAt(FileInfo file) => Precise(file.LastWriteTimeUtc);

    /// <summary>Postgres keeps microseconds: a finer time would never compare equal again.</summary>
    private static DateTimeOffset Precise(DateTime utc) => new(utc.Ticks - utc.Ticks % 10, TimeSpan.Zero);
}
