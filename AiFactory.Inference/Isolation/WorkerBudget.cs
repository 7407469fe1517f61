using AiFactory.Inference.Engine;
using AiFactory.Inference.Native;
using AiFactory.Inference.Serving;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Isolation;

/// <summary>In an engine's process: the memory is the worker's to give, for other models take of it too.</summary>
internal sealed class WorkerBudget(EngineChannel channel, IOptions<EngineOptions> options) : MemoryBudget(options)
{
    public override IDisposable Reserve(long bytes, Func<string> describe) => channel.Ask(new EngineReport.Reserve(bytes, describe())) switch
    {
        EngineCommand.Grant grant => new Granted(channel, grant.Id),
        EngineCommand.Deny deny => throw new LlamaException(deny.Message),
        var other => throw new InvalidOperationException($"{other} is no answer."),
    };

    private sealed class Granted(EngineChannel channel, int id) : IDisposable
    {
        private EngineChannel? _channel = channel;

        public void Dispose() => Interlocked.Exchange(ref _channel, null)?.Send(new EngineReport.Release(id));
    }
}
