using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace AiFactory.Builder.Tests.Edges;

/// <summary>Lets each call to the model wait until it is released, and counts how many wait at once.</summary>
internal sealed class Gate
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _released = new();
    private readonly Channel<string> _entered = Channel.CreateUnbounded<string>();
    private readonly Lock _counting = new();
    private int _within;
    private int _seen;

    internal Gate(BuilderUnderTest builder)
    {
        builder.Gateway.Script = async (context, body) =>
        {
            lock (_counting)
            {
                Most = Math.Max(Most, ++_within);
            }

            _entered.Writer.TryWrite(Asked(body));
            await Released(Asked(body)).Task.WaitAsync(context.RequestAborted);
            lock (_counting)
            {
                _within--;
            }

            await builder.Gateway.ChatAsync(context, body);
        };
    }

    internal int Most { get; private set; }

    internal static string Asked(JsonNode body) => body["messages"]?.AsArray().LastOrDefault()?["content"]?.GetValue<string>() ?? "";

    internal void Release(string item) => Released(item).TrySetResult();

    /// <summary>Until so many have come, counted from the first.</summary>
    internal async Task EnteredAsync(int calls)
    {
        for (; _seen < calls; _seen++)
        {
            await _entered.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
    }

    private TaskCompletionSource Released(string item) => _released.GetOrAdd(item, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
