using System.Net.Sockets;
using AiFactory.Contracts.Workers;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Engine.Adapters;
using AiFactory.Inference.Serving;
using AiFactory.Inference.Telemetry;
using AiFactory.Inference.Weights;
using AiFactory.ServiceDefaults.Identity;

namespace AiFactory.Inference.Isolation;

/// <summary>A deployment's model in a process of its own.</summary>
internal sealed class IsolatedModel : DeployedModel
{
    /// <summary>How long a process may take to end when it is told to: what it still says are errors.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);

    private readonly EngineProcess _process;
    private readonly EngineReport.Ready _ready;
    private readonly IDisposable _watch;

    public IsolatedModel(
        ModelAssignment assignment, WeightsLease lease, EngineProcess process, EngineReport.Ready ready, string socket, IdentityTokens tokens, InferenceTelemetry telemetry, TimeProvider time)
        : base(assignment, lease, time)
    {
        (_process, _ready, Tokens) = (process, ready, tokens);
        Invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectCallback = async (_, cancellationToken) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
                    return new NetworkStream(connection, ownsSocket: true);
                }
                catch
                {
                    connection.Dispose();
                    throw;
                }
            },
        });
        Adapters = ready.TakesAdapters ? new IsolatedAdapters(process) : null;
        _watch = telemetry.Watch(assignment.Deployment, () => process.Load, () => process.Adapters ?? new AdapterLoad(0, [], []), () => process.Usage);
        _ = RetireWithProcessAsync();
    }

    public EngineProcess Process => _process;

    public HttpMessageInvoker Invoker { get; }

    /// <summary>Makes the identities of callers, with the key of this one process.</summary>
    public IdentityTokens Tokens { get; }

    public override IModelAdapters? Adapters { get; }

    public override int ContextLength => _ready.ContextLength;

    public override long MemoryBytes => _ready.MemoryBytes;

    /// <summary>Who watches the process ends it when it hangs.</summary>
    public override TimeSpan CurrentStep => TimeSpan.Zero;

    public override EngineLoad CurrentLoad => _process.Load;

    public override Task Ended => _process.Ended;

    /// <summary>
    /// 1. Requests may end within the grace. 2. Those that are left end with a word of why. 3. The process ends, or is ended. Its memory is free then, whoever still reads an answer of it.
    /// </summary>
    public override async Task UnloadAsync(TimeSpan grace)
    {
        await Task.WhenAny(RetireAsync(grace), Ended);
        await _process.StopAsync();
        await Ended.WaitAsync(StopPatience, Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _process.DisposeAsync();
        _watch.Dispose();
        LetFilesGo();
        // Answers that are being read end by themselves: the sockets that they hold are closed by the other side.
        _ = Unused.ContinueWith(_ => Invoker.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private async Task RetireWithProcessAsync()
    {
        await Ended;
        Retire();
    }
}
