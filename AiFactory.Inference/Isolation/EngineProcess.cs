using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Engine.Adapters;
using AiFactory.Inference.Native;
using AiFactory.Inference.Serving;

namespace AiFactory.Inference.Isolation;

/// <summary>The worker's end of one engine's process: its pipes, its memory in the budget, its end.</summary>
internal sealed partial class EngineProcess : IAsyncDisposable
{
    /// <summary>What a process has beside its model: .NET, Kestrel, llama.cpp's libraries.</summary>
    private const long OwnBytes = 80L << 20;

    private static readonly Dictionary<int, string> Signals = new() { [132] = "SIGILL", [134] = "SIGABRT", [135] = "SIGBUS", [136] = "SIGFPE", [137] = "SIGKILL", [139] = "SIGSEGV", [143] = "SIGTERM" };

    private readonly Process _process;
    private readonly MemoryBudget _budget;
    private readonly MeasurementReplay _replay;
    private readonly ILogger _logger;
    private readonly string _name;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentDictionary<int, IDisposable> _reserved = new();
    private readonly ConcurrentQueue<TaskCompletionSource<EngineReport.State>> _looks = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<EngineReport.Done>> _asked = new();
    private readonly TaskCompletionSource<EngineReport.Ready> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IDisposable _own;
    private int _ids;
    private string? _reason;

    private EngineProcess(Process process, string name, IDisposable own, MemoryBudget budget, MeasurementReplay replay, ILogger logger)
    {
        (_process, _name, _own, _budget, _replay, _logger) = (process, name, own, budget, replay, logger);
        Ended = RunAsync();
    }

    public int Id => _process.Id;

    /// <summary>The model is served; fails when it is refused, or the process ends before.</summary>
    public Task<EngineReport.Ready> Ready => _ready.Task;

    /// <summary>Completes when the process is no more.</summary>
    public Task Ended { get; }

    /// <summary>The worker has told it to end: what it refuses from now on it refuses for that.</summary>
    public bool IsStopping { get; private set; }

    /// <summary>It ends by itself.</summary>
    public bool IsDying { get; private set; }

    /// <summary>Who watches it ended it.</summary>
    public bool IsHung { get; private set; }

    /// <summary>How it ended, in words.</summary>
    public string Death { get; private set; } = "";

    public EngineLoad Load { get; private set; }

    public EngineUsage Usage { get; private set; }

    public AdapterLoad? Adapters { get; private set; }

    /// <exception cref="LlamaException">There is not even memory for the process.</exception>
    public static async Task<EngineProcess> StartAsync(EngineLauncher launcher, EngineOrder order, MemoryBudget budget, MeasurementReplay replay, ILogger logger)
    {
        var own = budget.Reserve(OwnBytes, () => $"{OwnBytes} bytes for a process of its own");
        try
        {
            var process = new EngineProcess(await launcher.StartAsync(), order.Assignment.Deployment, own, budget, replay, logger);
            await process.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(order, IsolationJson.Default.EngineOrder));
            LogStarted(logger, order.Assignment.Deployment, process.Id);
            return process;
        }
        catch
        {
            own.Dispose();
            throw;
        }
    }

    /// <summary>What it does now, with what it measured recorded.</summary>
    /// <exception cref="EngineDiedException">It ended.</exception>
    public async Task<EngineReport.State> LookAsync()
    {
        var look = new TaskCompletionSource<EngineReport.State>(TaskCreationOptions.RunContinuationsAsynchronously);
        _looks.Enqueue(look);
        await SendAsync(new EngineCommand.Look());
        return await OrDeathAsync(look);
    }

    /// <param name="ask">Gets the number under which it is answered.</param>
    /// <exception cref="EngineDiedException">It ended.</exception>
    public async Task<EngineReport.Done> AskAsync(Func<int, EngineCommand> ask)
    {
        var (id, answer) = (Interlocked.Increment(ref _ids), new TaskCompletionSource<EngineReport.Done>(TaskCreationOptions.RunContinuationsAsynchronously));
        _asked[id] = answer;
        await SendAsync(ask(id));
        return await OrDeathAsync(answer);
    }

    /// <summary>Its requests end with a word of why, then it ends.</summary>
    public Task StopAsync()
    {
        IsStopping = true;
        return SendAsync(new EngineCommand.Stop());
    }

    /// <param name="reason">What is wrong with it, in words; null when nothing is.</param>
    public void Kill(string? reason)
    {
        _reason ??= reason;
        IsHung |= reason is not null;
        IsStopping |= reason is null;
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill(null);
        await Ended;
        _process.Dispose();
        _writing.Dispose();
    }

    /// <summary>What is asked of one that ends nobody may have seen, neither it nor who told all that waited.</summary>
    private async Task<T> OrDeathAsync<T>(TaskCompletionSource<T> answer)
    {
        if (await Task.WhenAny(answer.Task, Ended) == Ended)
        {
            answer.TrySetException(new EngineDiedException(Death));
        }

        return await answer.Task;
    }

    private async Task RunAsync()
    {
        await ReadAsync();
        // It computes nothing any more, until somebody takes it off the list, too.
        (Load, Adapters) = (default, null);
        await _process.WaitForExitAsync();
        var code = _process.ExitCode;
        Death = $"The engine's process ended ({(Signals.TryGetValue(code, out var signal) ? signal : $"exit code {code}")}){(_reason is null ? "" : $": {_reason}")}";
        if (!IsStopping)
        {
            LogEnded(_logger, _name, Id, Death);
        }

        var died = new EngineDiedException(Death);
        _ready.TrySetException(died);
        // Nobody may have waited for it.
        _ = _ready.Task.Exception;
        _own.Dispose();
        foreach (var reservation in _reserved.Values)
        {
            reservation.Dispose();
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            while (await _process.StandardOutput.ReadLineAsync() is { } line)
            {
                if (JsonSerializer.Deserialize(line, IsolationJson.Default.EngineReport) is { } report)
                {
                    await TakeAsync(report);
                }
            }
        }
        catch (Exception error) when (error is IOException or JsonException)
        {
            LogUnreadable(_logger, error, _name, Id);
            Kill("it cannot be understood");
        }
    }

    private async Task TakeAsync(EngineReport report)
    {
        switch (report)
        {
            case EngineReport.Reserve reserve:
                await SendAsync(Answer(reserve));
                break;
            case EngineReport.Release release:
                if (_reserved.TryRemove(release.Id, out var reserved))
                {
                    reserved.Dispose();
                }

                break;
            case EngineReport.Ready ready:
                _ready.TrySetResult(ready);
                break;
            case EngineReport.Refused refused:
                IsStopping = true;
                _ready.TrySetException(new LlamaException(refused.Message));
                break;
            case EngineReport.Dying dying:
                IsDying = true;
                _reason ??= dying.Reason;
                break;
            case EngineReport.Done done:
                if (_asked.TryRemove(done.Id, out var answer))
                {
                    answer.TrySetResult(done);
                }

                break;
            case EngineReport.State state:
                (Load, Usage, Adapters) = (state.Load, state.Usage, state.Adapters);
                _replay.Record(state.Measured);
                if (_looks.TryDequeue(out var look))
                {
                    look.TrySetResult(state);
                }

                break;
        }
    }

    private EngineCommand Answer(EngineReport.Reserve reserve)
    {
        try
        {
            var reservation = _budget.Reserve(reserve.Bytes, () => reserve.What);
            var id = Interlocked.Increment(ref _ids);
            _reserved[id] = reservation;
            return new EngineCommand.Grant(id);
        }
        catch (LlamaException refusal)
        {
            return new EngineCommand.Deny(refusal.Message);
        }
    }

    private Task SendAsync(EngineCommand command) => WriteAsync(JsonSerializer.SerializeToUtf8Bytes(command, IsolationJson.Default.EngineCommand));

    /// <summary>Who has ended reads nothing, and its end is told otherwise.</summary>
    private async Task WriteAsync(byte[] line)
    {
        // Not set yet while the constructor runs.
        if (Ended is { IsCompleted: true })
        {
            return;
        }

        await _writing.WaitAsync();
        try
        {
            var pipe = _process.StandardInput.BaseStream;
            await pipe.WriteAsync((byte[])[.. line, (byte)'\n']);
            await pipe.FlushAsync();
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
        }
        finally
        {
            _writing.Release();
        }
    }

    [LoggerMessage(3371, LogLevel.Information, "The process of {Deployment} is {Process}")]
    private static partial void LogStarted(ILogger logger, string deployment, int process);

    [LoggerMessage(3372, LogLevel.Error, "The process {Process} of {Deployment}: {Death}")]
    private static partial void LogEnded(ILogger logger, string deployment, int process, string death);

    [LoggerMessage(3373, LogLevel.Error, "The process {Process} of {Deployment} says what is no report")]
    private static partial void LogUnreadable(ILogger logger, Exception error, string deployment, int process);
}
