using System.Runtime.InteropServices;

namespace AiFactory.Inference.Isolation;

/// <summary>Signals are for the worker, which tells its engines what to do: a terminal and some supervisors send them to all processes, and an engine that stopped by itself would leave its requests without an answer.</summary>
internal sealed class EngineLifetime : IHostLifetime, IDisposable
{
    private readonly PosixSignalRegistration[] _ignored =
    [
        .. ((PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT, PosixSignal.SIGHUP]).Select(signal => PosixSignalRegistration.Create(signal, context => context.Cancel = true)),
    ];

    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => Array.ForEach(_ignored, registration => registration.Dispose());
}
