namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>The pages in order, each with what it inherits from the nodes above it (section 7.7.3).</summary>
internal static class PdfPages
{
    private const int MaximumDepth = 64;

    /// <summary>As the file says.</summary>
    internal static int Count(PdfFile file) =>
        (int)Math.Clamp(file.Number(file.Dictionary(file.Root.Entries.GetValueOrDefault("Pages")).Entries.GetValueOrDefault("Count")) ?? 0, 0, int.MaxValue);

    internal static IEnumerable<PdfPage> Read(PdfFile file) =>
        Read(file, file.Root.Entries.GetValueOrDefault("Pages"), null, [], 0);

    private static IEnumerable<PdfPage> Read(PdfFile file, PdfObject? value, PdfObject? resources, HashSet<int> seen, int depth)
    {
        if (depth > MaximumDepth || (value is PdfObject.Reference reference && !seen.Add(reference.Id)))
        {
            yield break;
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
            foreach (var page in Read(file, kid, resources, seen, depth + 1))
            {
                yield return page;
            }
        }
    }

    /// <summary>Several streams are one, with white space between them.</summary>
    private static byte[] Contents(PdfFile file, PdfObject.Dictionary page)
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
                all.Write(file.Decode(stream));
                all.WriteByte((byte)'\n');
            }
        }

        return all.ToArray();
    }
}
