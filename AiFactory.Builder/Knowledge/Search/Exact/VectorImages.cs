using AiFactory.Builder.Knowledge.Bases;
using Microsoft.Extensions.Options;

namespace AiFactory.Builder.Knowledge.Search.Exact;

/// <summary>
/// Exact search in memory: each base's vectors are read once and then kept up to date, document by document, whenever the base's revision has risen.
/// Images of bases that were not searched for long give way when the memory that is set is full.
/// </summary>
internal sealed class VectorImages(VectorStore store, IOptions<KnowledgeOptions> options, TimeProvider time) : IDisposable
{
    private readonly Dictionary<Guid, Entry> _entries = [];
    private readonly Lock _lock = new();

    /// <param name="owner">As it is now: its revision says whether the image is.</param>
    internal async Task<IReadOnlyList<Candidate>> SearchAsync(KnowledgeBaseRow owner, float[] query, int limit, CancellationToken cancellationToken)
    {
        if (owner.Dimensions is not { } dimensions)
        {
            return [];
        }

        var entry = Find(owner.Id);
        var image = entry.Image.Revision >= owner.Revision ? entry.Image : await RefreshAsync(entry, owner, dimensions, cancellationToken);
        return image.Search(query, limit);
    }

    internal void Forget(Guid baseId)
    {
        lock (_lock)
        {
            _entries.Remove(baseId);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var entry in _entries.Values)
            {
                entry.Dispose();
            }

            _entries.Clear();
        }
    }

    private Entry Find(Guid baseId)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(baseId, out var entry))
            {
                _entries[baseId] = entry = new Entry();
            }

            entry.LastUsed = time.GetTimestamp();
            return entry;
        }
    }

    private async Task<VectorImage> RefreshAsync(Entry entry, KnowledgeBaseRow owner, int dimensions, CancellationToken cancellationToken)
    {
        // 1. One reads; the others wait for what it reads.
        await entry.Reading.WaitAsync(cancellationToken);
        try
        {
            var old = entry.Image;
            if (old.Revision >= owner.Revision)
            {
                return old;
            }

            // 2. Documents that are as they were are taken over. What is listed may be newer than the revision: then the next search finds nothing to do.
            var ready = await store.ListReadyAsync(owner.Id, cancellationToken);
            var segments = new Dictionary<Guid, VectorSegment>(ready.Count);
            var wanted = new List<ReadyDocument>();
            foreach (var document in ready)
            {
                if (old.Segments.TryGetValue(document.Id, out var segment) && segment.Revision == document.ReadyRevision)
                {
                    segments[document.Id] = segment;
                }
                else
                {
                    wanted.Add(document);
                }
            }

            // 3. The others are read.
            if (wanted.Count > 0)
            {
                foreach (var segment in await store.ReadAsync(wanted, dimensions, cancellationToken))
                {
                    segments[segment.DocumentId] = segment;
                }
            }

            entry.Image = new VectorImage(owner.Revision, dimensions, segments);
        }
        finally
        {
            entry.Reading.Release();
        }

        MakeRoom(owner.Id);
        return entry.Image;
    }

    private void MakeRoom(Guid kept)
    {
        lock (_lock)
        {
            var bytes = _entries.Values.Sum(entry => entry.Image.Bytes);
            foreach (var (id, entry) in _entries.Where(entry => entry.Key != kept).OrderBy(entry => entry.Value.LastUsed).ToList())
            {
                if (bytes <= options.Value.ImageBytes)
                {
                    return;
                }

                bytes -= entry.Image.Bytes;
                _entries.Remove(id);
            }
        }
    }

    private sealed class Entry : IDisposable
    {
        private volatile VectorImage _image = VectorImage.Empty;

        internal SemaphoreSlim Reading { get; } = new(1, 1);

        internal VectorImage Image
        {
            get => _image;
            set => _image = value;
        }

        internal long LastUsed { get; set; }

        public void Dispose() => Reading.Dispose();
    }
}
