using AiFactory.Inference.Weights;
using AiFactory.ServiceDefaults.Objects;

namespace AiFactory.Inference.Tests.Weights;

/// <summary>Files in memory that notes where each read began and how many bytes it gave, and can break off.</summary>
internal sealed class CountingSource : IWeightsSource
{
    private readonly Lock _gate = new();
    private readonly List<long> _opened = [];

    public Dictionary<string, byte[]> Objects { get; } = [];

    public List<long> Opened => _opened;

    public long Given { get; private set; }

    public string ETag { get; set; } = "1";

    /// <summary>Bytes, of all reads together, after which every read fails.</summary>
    public long? FailAfter { get; set; }

    /// <summary>Bytes, of all reads together, after which one read fails.</summary>
    public long? BreakOnceAt { get; set; }

    public Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancellationToken) =>
        Task.FromResult(Objects.TryGetValue(key, out var bytes) ? Info(key, bytes) : null);

    public Task<ObjectContent?> OpenReadAsync(string key, ByteRange range, CancellationToken cancellationToken)
    {
        if (!Objects.TryGetValue(key, out var bytes))
        {
            return Task.FromResult<ObjectContent?>(null);
        }

        lock (_gate)
        {
            _opened.Add(range.Offset);
        }

        var length = (int)Math.Min(range.Length ?? long.MaxValue, bytes.Length - range.Offset);
        return Task.FromResult<ObjectContent?>(new ObjectContent(Info(key, bytes), new CountedStream(this, bytes, (int)range.Offset, length)));
    }

    private ObjectInfo Info(string key, byte[] bytes) => new(key, bytes.Length, ETag, DateTimeOffset.UnixEpoch);

    private int Give(int count)
    {
        lock (_gate)
        {
            if (FailAfter is { } limit && Given + count > limit)
            {
                throw new IOException("The connection broke.");
            }

            if (Given + count > BreakOnceAt)
            {
                BreakOnceAt = null;
                throw new IOException("The connection broke.");
            }

            Given += count;
            return count;
        }
    }

    private sealed class CountedStream(CountingSource source, byte[] bytes, int offset, int length) : MemoryStream(bytes, offset, length)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            // Others get their turn, as with a network.
            await Task.Yield();
            var count = (int)Math.Min(Math.Min(buffer.Length, 30_000), Length - Position);
            return count == 0 ? 0 : await base.ReadAsync(buffer[..source.Give(count)], cancellationToken);
        }
    }
}
