using AiFactory.Builder.Knowledge.Bases;
using AiFactory.ServiceDefaults.Outcomes;
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
    /// <param name="only">The documents to search; all when null.</param>
    internal async Task<Outcome<IReadOnlyList<Candidate>>> SearchAsync(KnowledgeBaseRow owner, float[] query, Guid[]? only, int limit, CancellationToken cancellationToken)
    {
        var entry = Find(owner.Id);
        if (owner.Dimensions is { } dimensions && entry.Image.Revision < owner.Revision && await RefreshAsync(entry, owner, dimensions, cancellationToken) is { } complaint)
        {
            return new Outcome<IReadOnlyList<Candidate>>.Conflict(complaint);
        }

        return new Outcome<IReadOnlyList<Candidate>>.Done(entry.Image.Search(query, only, limit));
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

    /// <summary>Brings the image up to date; answers why it cannot be.</summary>
    private async Task<string?> RefreshAsync(Entry entry, KnowledgeBaseRow owner, int dimensions, CancellationToken cancellationToken)
    {
        // 1. One reads; the others wait for what it reads.
        await entry.Reading.WaitAsync(cancellationToken);
        try
        {
            var old = entry.Image;
            if (old.Revision >= owner.Revision)
            {
                return null;
            }

            // 2. Room is made before it is taken. What is listed may be newer than the revision: then the next search finds nothing to do.
            var ready = await store.ListReadyAsync(owner.Id, cancellationToken);
            var bytes = ready.Sum(document => (long)document.Chunks * dimensions * sizeof(float));
            if (bytes > options.Value.ImageBytes || ready.Any(document => (long)document.Chunks * dimensions > Array.MaxLength))
            {
                return $"The {ready.Sum(document => (long)document.Chunks)} vectors of this knowledge base would take {bytes >> 20} MiB of memory; {options.Value.ImageBytes >> 20} MiB are allowed (setting Knowledge:ImageBytes). "
                    + "The mode 'text' needs no vectors, and a database with pgvector searches them itself.";
            }

            MakeRoom(entry, bytes);

            // 3. Documents that are as they were are taken over.
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

            // 4. The others are read.
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

        return null;
    }

    private void MakeRoom(Entry wanted, long bytes)
    {
        lock (_lock)
        {
            wanted.Bytes = bytes;
            var all = _entries.Values.Sum(entry => entry.Bytes);
            foreach (var (id, entry) in _entries.Where(entry => entry.Value != wanted).OrderBy(entry => entry.Value.LastUsed).ToList())
            {
                if (all <= options.Value.ImageBytes)
                {
                    return;
                }

                all -= entry.Bytes;
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

        /// <summary>Of its image, or of the one that is being read.</summary>
        internal long Bytes { get; set; }

        public void Dispose() => Reading.Dispose();
    }
}
