using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;

namespace AiFactory.Builder.Runs;

/// <summary>Who watches which run in this process.</summary>
internal sealed class RunFeed
{
    /// <summary>Pieces that wait for a slow watcher; the oldest are dropped beyond it, and their offsets show the gap.</summary>
    private const int Waiting = 4096;

    private readonly ConcurrentDictionary<Guid, ImmutableArray<Channel<RunDelta?>>> _watchers = new();

    /// <summary>Distinguishes this process from others that share the database.</summary>
    internal Guid Process { get; } = Guid.CreateVersion7();

    internal Watch Subscribe(Guid runId)
    {
        var channel = Channel.CreateBounded<RunDelta?>(new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        _watchers.AddOrUpdate(runId, _ => [channel], (_, known) => known.Add(channel));
        return new Watch(this, runId, channel);
    }

    /// <summary>The run has new events.</summary>
    internal void Changed(Guid runId) => Publish(runId, null);

    /// <summary>Any run may have new events: notifications may have been missed.</summary>
    internal void ChangedAll()
    {
        foreach (var runId in _watchers.Keys)
        {
            Changed(runId);
        }
    }

    internal void Publish(RunDelta delta) => Publish(delta.RunId, delta);

    private void Publish(Guid runId, RunDelta? delta)
    {
        if (_watchers.TryGetValue(runId, out var channels))
        {
            foreach (var channel in channels)
            {
                channel.Writer.TryWrite(delta);
            }
        }
    }

    private void Unsubscribe(Guid runId, Channel<RunDelta?> channel)
    {
        while (_watchers.TryGetValue(runId, out var known))
        {
            var rest = known.Remove(channel);
            if (rest.IsEmpty ? _watchers.TryRemove(KeyValuePair.Create(runId, known)) : _watchers.TryUpdate(runId, rest, known))
            {
                return;
            }
        }
    }

    /// <summary>What happens to one run from now on: a piece of text, or null for new events in the database.</summary>
    internal sealed class Watch(RunFeed feed, Guid runId, Channel<RunDelta?> channel) : IDisposable
    {
        internal ChannelReader<RunDelta?> News => channel.Reader;

        public void Dispose() => feed.Unsubscribe(runId, channel);
    }
}
