using System.Globalization;
using AiFactory.Gateway.Metering;
using Microsoft.Extensions.Options;

namespace AiFactory.Gateway.Limits;

/// <summary>
/// Under which ids this gateway has held leases, one to a line, the present one last. It lies with the outbox: once that has delivered what a gateway that was killed had written, all
/// that it had spent is known, and the rest of what it held is free.
/// </summary>
internal sealed class HolderFile(IOptions<MeteringOptions> options)
{
    private readonly string _path = Path.Combine(Path.GetFullPath(options.Value.Folder), "limits.holders");

    public Guid[] Read() => File.Exists(_path)
        ? [.. File.ReadLines(_path).Select(line => Guid.TryParseExact(line, "D", out var id) ? id : Guid.Empty).Where(id => id != Guid.Empty)]
        : [];

    /// <summary>On the disk when it returns.</summary>
    public void Write(IEnumerable<Guid> holders)
    {
        var next = _path + ".next";
        using (var file = new FileStream(next, FileMode.Create, FileAccess.Write))
        using (var writer = new StreamWriter(file))
        {
            foreach (var holder in holders)
            {
                writer.WriteLine(holder.ToString("D", CultureInfo.InvariantCulture));
            }

            writer.Flush();
            file.Flush(flushToDisk: true);
        }

        File.Move(next, _path, overwrite: true);
    }
}
