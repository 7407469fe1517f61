using AiFactory.Inference.Native;

namespace AiFactory.Inference.Weights;

/// <summary>Verified files that stay while the lease is held, by this process or another that shares the folder.</summary>
internal sealed class WeightsLease(IReadOnlyList<WeightsLease.File> files) : IDisposable
{
    public WeightsLease(string path, IDisposable hold)
        : this([new File(path, "", 0, hold)])
    {
    }

    /// <summary>In their order: a model may come in several.</summary>
    public IReadOnlyList<string> Paths { get; } = [.. files.Select(file => file.Path)];

    /// <summary>Of the first file.</summary>
    public string Path => Paths[0];

    public IReadOnlyList<File> Files => files;

    public long SizeBytes => files.Sum(file => file.SizeBytes);

    public void Dispose()
    {
        foreach (var file in files)
        {
            file.Hold.Dispose();
        }
    }

    /// <param name="Digest"><c>sha256:</c> and hex.</param>
    internal sealed record File(string Path, string Digest, long SizeBytes, IDisposable Hold)
    {
        /// <summary>What it was when it was taken without being read, because of its mark; null when it was read.</summary>
        public FileStamp? Unread { get; init; }
    }
}
