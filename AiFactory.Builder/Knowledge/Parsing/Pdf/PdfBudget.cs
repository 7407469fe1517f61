namespace AiFactory.Builder.Knowledge.Parsing.Pdf;

/// <summary>What reading one file may cost: a small file can unpack to anything.</summary>
internal sealed class PdfBudget(long maximumBytes, CancellationToken cancellationToken)
{
    /// <summary>What an entry of a table takes in memory, about.</summary>
    private const int EntryBytes = 48;

    private long _bytes;

    internal CancellationToken CancellationToken => cancellationToken;

    /// <exception cref="DocumentException">More was unpacked than a document may.</exception>
    internal void Take(long bytes)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _bytes += bytes;
        if (_bytes > maximumBytes)
        {
            throw new DocumentException($"The PDF unpacks to more than {maximumBytes >> 20} MiB (setting Knowledge:MaximumPdfBytes).");
        }
    }

    /// <summary>Two bytes of a file can be an entry of a table.</summary>
    /// <exception cref="DocumentException">More was unpacked than a document may.</exception>
    internal void TakeEntries(long count) => Take(count * EntryBytes);
}
