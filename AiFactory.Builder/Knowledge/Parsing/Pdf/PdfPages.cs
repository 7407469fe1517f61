namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>The pages in order, each with what it inherits from the nodes above it (section 7.7.3).</summary>
internal static class PdfPages
{
    private const int MaximumDepth = 64;

    /// <summary>A node that stands in its parent's list itself, not as a reference, is met as often as its parent is.</summary>
    private const int MaximumNodes = 1_000_000;

    /// <summary>As the file says.</summary>
    internal static int Count(PdfFile file) =>
        (int)Math.Clamp(file.Number(file.Dictionary(file.Root.Entries.GetValueOrDefault("Pages")).Entries.GetValueOrDefault("Count")) ?? 0, 0, int.MaxValue);

    internal static IEnumerable<PdfPage> Read(PdfFile file) => new Walk(file).Read(file.Root.Entries.GetValueOrDefault("Pages"), null, 0);

    /// <summary>Several streams are one, with white space between them.</summary>
    private static ReadOnlyMemory<byte> Contents(PdfFile file, PdfObject.Dictionary page)
    {
        var contents = file.Resolve(page.Entries.GetValueOrDefault("Contents"));
        if (contents is PdfObject.Stream one)
        {
            return file.Decode(one);
        }

        using var all = new MemoryStream();
        foreach (var item in contents is PdfObject.Array array ? array.Items : [])
        {
            if (file.Resolve(item) is PdfObject.Stream stream)
            {
                var part = file.Decode(stream);
                file.Budget.Take(part.Length + 1);
                all.Write(part.Span);
                all.WriteByte((byte)'\n');
            }
        }

        return all.ToArray();
    }

    private sealed class Walk(PdfFile file)
    {
        private readonly HashSet<int> _seen = [];
        private int _nodes;

        internal IEnumerable<PdfPage> Read(PdfObject? value, PdfObject? resources, int depth)
        {
            file.Budget.CancellationToken.ThrowIfCancellationRequested();
            if (depth > MaximumDepth || (value is PdfObject.Reference reference && !_seen.Add(reference.Id)))
            {
                yield break;
            }

            if (++_nodes > MaximumNodes)
            {
                throw new PdfFormatException($"Its tree of pages has more than {MaximumNodes} nodes.");
            }

            var node = file.Dictionary(value);
            resources = node.Entries.GetValueOrDefault("Resources") ?? resources;
            if (!node.Entries.TryGetValue("Kids", out var kids))
            {
                if (node.Entries.Count > 0)
                {
                    yield return new PdfPage(file.Dictionary(resources), Contents(file, node));
                }

                yield break;
            }

            foreach (var kid in file.Array(kids))
            {
                foreach (var page in Read(kid, resources, depth + 1))
                {
                    yield return page;
                }
            }
        }
    }
}
