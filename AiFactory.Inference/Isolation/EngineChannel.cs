using System.Text;
using System.Text.Json;
using AiFactory.Inference.Native;

namespace AiFactory.Inference.Isolation;

/// <summary>
/// The engine's end of the pipes to its worker, a line of JSON each: orders on standard input, reports on standard output. What others write to standard output goes to standard error, as the log does.
/// When the input ends the worker is gone, and so is this process, whatever it does.
/// </summary>
internal sealed class EngineChannel : IDisposable
{
    /// <summary>The only argument of an engine's process: what else it needs comes by the pipe.</summary>
    public const string Verb = "engine";

    private readonly Lock _writing = new();
    private readonly Stream _output;
    private readonly StreamReader _input;
    private readonly TaskCompletionSource _stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource<EngineCommand>? _answer;

    private EngineChannel(Stream output, StreamReader input, EngineOrder order)
    {
        _output = output;
        _input = input;
        Order = order;
    }

    public EngineOrder Order { get; }

    /// <summary>Completes when the worker says so.</summary>
    public Task Stopping => _stopping.Task;

    /// <summary>Asked by the worker every moment, from a thread that does nothing else.</summary>
    public Func<EngineReport.State>? Look { get; set; }

    /// <summary>Does what is asked of the adapters; it may take its time.</summary>
    public Func<EngineCommand, Task<EngineReport.Done>>? Adapt { get; set; }

    /// <returns>Null in every process but an engine's.</returns>
    public static EngineChannel? Open(string[] args)
    {
        if (args is not [Verb])
        {
            return null;
        }

        ProcessNative.DieWithParent();
        var output = Console.OpenStandardOutput();
        Console.SetOut(Console.Error);
        var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        var order = input.ReadLine() is { } line ? JsonSerializer.Deserialize(line, IsolationJson.Default.EngineOrder) : null;
        if (order is null)
        {
            throw new InvalidOperationException($"'{Verb}' is how a worker starts the process of one model: it is not for the command line.");
        }

        var channel = new EngineChannel(output, input, order);
        new Thread(channel.Read) { IsBackground = true, Name = "channel" }.Start();
        return channel;
    }

    public void Send(EngineReport report)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(report, IsolationJson.Default.EngineReport);
        lock (_writing)
        {
            _output.Write([.. line, (byte)'\n']);
            _output.Flush();
        }
    }

    /// <summary>One question at a time.</summary>
    public EngineCommand Ask(EngineReport question)
    {
        var answer = _answer = new TaskCompletionSource<EngineCommand>(TaskCreationOptions.RunContinuationsAsynchronously);
        Send(question);
        return answer.Task.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        _input.Dispose();
        _output.Dispose();
    }

    private async Task AdaptAsync(EngineCommand command, Func<EngineCommand, Task<EngineReport.Done>> adapt) => Send(await adapt(command));

    private void Read()
    {
        try
        {
            while (_input.ReadLine() is { } line)
            {
                var command = JsonSerializer.Deserialize(line, IsolationJson.Default.EngineCommand);
                switch (command)
                {
                    case EngineCommand.Look:
                        Send(Look?.Invoke() ?? new EngineReport.State(0, default, default, null, []));
                        break;
                    case EngineCommand.Stop:
                        _stopping.TrySetResult();
                        break;
                    case EngineCommand.AddAdapter or EngineCommand.RemoveAdapter when Adapt is not null:
                        // Not on this thread: it asks for memory, and this one reads the answer.
                        _ = Task.Run(() => AdaptAsync(command!, Adapt)); // It has just been seen to be one.
                        break;
                    case { } answer:
                        _answer?.TrySetResult(answer);
                        break;
                }
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or JsonException)
        {
            // The worker is gone.
        }

        ProcessNative.Exit(0);
    }
}
