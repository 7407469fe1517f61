using System.IO.Compression;

namespace AiFactory.Builder.Knowledge.Parsing;

/// <summary>Looks at a DOCX's ZIP before it is opened as a package: opening reads the lists of what it holds whole, however long they are.</summary>
internal static class WordPackage
{
    private const int MostParts = 10_000;

    /// <summary>Ten thousand parts take one.</summary>
    private const long MostListed = 4 << 20;

    /// <summary>Ten thousand links take two.</summary>
    private const long MostNames = 32 << 20;

    private static readonly string[] Names = [".rels", "[Content_Types].xml"];

    /// <exception cref="DocumentException">It lists more than a document has.</exception>
    /// <exception cref="InvalidDataException">It is no ZIP.</exception>
    internal static void Check(byte[] bytes, CancellationToken cancellationToken)
    {
        RefuseManyParts(bytes);
        RefuseManyNames(bytes, cancellationToken);
    }

    /// <summary>The ZIP's own list is read to its limit and not further.</summary>
    private static void RefuseManyParts(byte[] bytes)
    {
        using var list = new ListStream(bytes);
        using var archive = new ZipArchive(list, ZipArchiveMode.Read);
        if (archive.Entries.Count > MostParts)
        {
            throw TooManyParts();
        }
    }

    /// <summary>The lists of the parts' types and of what they refer to.</summary>
    private static void RefuseManyNames(byte[] bytes, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(bytes, writable: false);
        using var archive = new ZipArchive(stream, ZipArchiveMode.Read);
        var buffer = new byte[64 * 1024];
        var total = 0L;
        foreach (var entry in archive.Entries.Where(entry => Names.Any(name => entry.FullName.Contains(name, StringComparison.OrdinalIgnoreCase))))
        {
            using var names = entry.Open();
            while (names.Read(buffer) is > 0 and var count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                total += count;
                if (total > MostNames)
                {
                    throw new DocumentException($"The document's lists of parts and references unpack to more than {MostNames >> 20} MiB.");
                }
            }
        }
    }

    private static DocumentException TooManyParts() => new($"The document is a ZIP file of more than {MostParts} parts, or lists them in more than {MostListed >> 20} MiB.");

    /// <summary>Gives no more than the list of a document's parts may take.</summary>
    private sealed class ListStream(byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        private long _read;

        public override int Read(byte[] buffer, int offset, int count) => Counted(base.Read(buffer, offset, count));

        public override int ReadByte()
        {
            Counted(1);
            return base.ReadByte();
        }

        private int Counted(int count)
        {
            _read += count;
            return _read <= MostListed ? count : throw TooManyParts();
        }
    }
}
