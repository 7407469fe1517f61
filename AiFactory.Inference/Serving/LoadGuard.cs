using System.Collections.Concurrent;
using AiFactory.Inference.Fleet;
using AiFactory.Inference.Weights;
using Microsoft.Extensions.Options;

namespace AiFactory.Inference.Serving;

/// <summary>
/// Keeps weights that kill the process (an abort in native code, or memory that the system refuses) from killing it again and again, and all other models with it.
/// While weights load, <c>{cache}/loading/{hex}.{id}</c> lies on the disk and is locked: one that nobody locks was left by a process that died.
/// </summary>
internal sealed partial class LoadGuard : IDisposable
{
    private readonly string _directory;
    private readonly TimeSpan _backOff;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _loading = new(1, 1);
    private readonly SemaphoreSlim _packing = new(1, 1);
    private readonly SemaphoreSlim _elsewhere = new(Math.Max(2, Environment.ProcessorCount));
    private readonly ConcurrentDictionary<string, bool> _markers = new(StringComparer.Ordinal);
    private readonly CancellationTokenRegistration _stopping;

    public LoadGuard(IOptions<WeightsOptions> weights, IOptions<WorkerOptions> worker, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<LoadGuard> logger)
    {
        _directory = Path.Combine(weights.Value.EffectiveDirectory, "loading");
        _backOff = worker.Value.BackOffAfterDeath;
        _time = time;
        _logger = logger;
        // Who stops the worker during a load, and loses patience, has not met bad weights.
        _stopping = lifetime.ApplicationStopping.Register(() => _markers.Keys.ToList().ForEach(File.Delete));
    }

    /// <summary>Runs the load, one at a time: were there two, nobody could tell which of them killed the process.</summary>
    /// <param name="digest">A verified one: <c>sha256:</c> and hex.</param>
    /// <exception cref="LoadRefusedException">Loading these weights killed a process of late.</exception>
    public Task<T> RunAsync<T>(string digest, Func<T> load, CancellationToken cancellationToken) => RunAsync(_loading, digest, load, cancellationToken);

    /// <summary>Runs a load in a process of its own, whose death who waits for it notes: which of several died is known. So many at a time as there are processors, two at least, that one which takes minutes holds up no other.</summary>
    /// <exception cref="LoadRefusedException">Loading these weights killed a process of late.</exception>
    public async Task<T> RunElsewhereAsync<T>(string digest, Func<Task<T>> load, CancellationToken cancellationToken)
    {
        await _elsewhere.WaitAsync(cancellationToken);
        try
        {
            Directory.CreateDirectory(_directory);
            ThrowIfDeadly(Hex(digest));
            return await load();
        }
        finally
        {
            _elsewhere.Release();
        }
    }

    /// <summary>Runs what takes minutes and may end the process too, in a turn of its own: other models load meanwhile. Should the process die, both rest, for nobody can tell which it was.</summary>
    /// <exception cref="LoadRefusedException">These weights killed a process of late.</exception>
    public Task PackAsync(string digest, Action pack, CancellationToken cancellationToken) =>
        RunAsync(
            _packing,
            digest,
            () =>
            {
                pack();
                return true;
            },
            cancellationToken);

    private async Task<T> RunAsync<T>(SemaphoreSlim turn, string digest, Func<T> load, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            var sha256 = Hex(digest);
            Directory.CreateDirectory(_directory);
            ThrowIfDeadly(sha256);
            var id = Guid.CreateVersion7().ToString("N");
            var marker = Path.Combine(_directory, $"{sha256}.{id}");
            // Locked before it has its name: nobody sees it free.
            using var held = FileLock.TryTake(Path.Combine(_directory, id));
            File.Move(Path.Combine(_directory, id), marker);
            _markers[marker] = true;
            try
            {
                return await Task.Run(load, CancellationToken.None);
            }
            finally
            {
                _markers.TryRemove(marker, out _);
                File.Delete(marker);
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>These weights are about to end the process while they serve: they rest as those that end it while they load, and the other models come back after the restart.</summary>
    /// <param name="reason">What llama.cpp says, which is a place in its source; empty when the process that ended was loading them.</param>
    public void Note(string digest, string reason)
    {
        Directory.CreateDirectory(_directory);
        File.WriteAllText(Path.Combine(_directory, $"{Hex(digest)}.{Guid.CreateVersion7():N}"), reason);
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _loading.Dispose();
        _packing.Dispose();
        _elsewhere.Dispose();
    }

    private static string Hex(string digest) => digest[(digest.IndexOf(':') + 1)..];

    /// <summary>The marker's time, not this process's start: a restart does not begin the wait anew.</summary>
    private void ThrowIfDeadly(string sha256)
    {
        foreach (var file in new DirectoryInfo(_directory).GetFiles($"{sha256}.*"))
        {
            var reason = ReadReason(file.FullName);
            using var held = FileLock.TryTake(file.FullName, mustExist: true);
            if (held is null)
            {
                // Another process loads the same weights now, or has just ended to.
                continue;
            }

            var wait = file.LastWriteTimeUtc + _backOff - _time.GetUtcNow().UtcDateTime;
            if (wait > TimeSpan.Zero)
            {
                LogDeadly(_logger, sha256, wait);
                throw new LoadRefusedException(
                    $"The worker died while it {(reason.Length == 0 ? "loaded" : "served")} these weights (sha256:{sha256[..12]}...){(reason.Length == 0 ? "" : $", of '{reason}'")}: they are not loaded again before {file.LastWriteTimeUtc + _backOff:u}.",
                    wait);
            }

            File.Delete(file.FullName);
        }
    }

    /// <returns>Empty for weights that were being loaded: their marker has no text, and is held while they are.</returns>
    private static string ReadReason(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }

    [LoggerMessage(3341, LogLevel.Error, "A worker died while it loaded sha256:{Sha256}: not loading it for {Wait}")]
    private static partial void LogDeadly(ILogger logger, string sha256, TimeSpan wait);
}
