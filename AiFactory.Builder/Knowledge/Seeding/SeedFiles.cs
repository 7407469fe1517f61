namespace AiFactory.Builder.Knowledge.Seeding;

/// <summary>The documents of a repository: README.md at its root and in each of its projects, and what lies in docs.</summary>
internal static class SeedFiles
{
    /// <summary>Relative, with <c>/</c>, sorted.</summary>
    internal static IReadOnlyList<string> List(string directory)
    {
        var files = new SortedSet<string>(StringComparer.Ordinal);
        AddReadme(directory);
        foreach (var folder in Directory.EnumerateDirectories(directory))
        {
            AddReadme(folder);
        }

        var docs = Path.Combine(directory, "docs");
        if (Directory.Exists(docs))
        {
            foreach (var file in Directory.EnumerateFiles(docs, "*.md", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 8 }))
            {
                files.Add(Relative(file));
            }
        }

        return [.. files];

        void AddReadme(string folder)
        {
            var file = Path.Combine(folder, "README.md");
            if (File.Exists(file))
            {
                files.Add(Relative(file));
            }
        }

        string Relative(string file) => Path.GetRelativePath(directory, file).Replace(Path.DirectorySeparatorChar, '/');
    }
}
