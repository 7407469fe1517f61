using System.Runtime.CompilerServices;
using System.Threading.Channels;
using AiFactory.Contracts.OpenAI;
using AiFactory.Inference.Engine;
using AiFactory.Inference.Reasoning;

namespace AiFactory.Inference.Generations;

/// <summary>
/// The generations of one request: as many as it asks for choices. They begin alike, so that the engine computes their prompt once. It is read by one, once.
/// </summary>
/// <param name="reasoning">How thoughts are told from the answers; null for a model that marks none.</param>
internal sealed class GenerationGroup(IReadOnlyList<Generation> generations, ReasoningUse? reasoning = null)
{
    private readonly ThoughtCount[] _thoughts = reasoning is { } use ? [.. generations.Select(_ => new ThoughtCount(use.NewReader()))] : [];
    private readonly GenerationEvent.Finished?[] _ends = new GenerationEvent.Finished?[generations.Count];

    public int Count => generations.Count;

    /// <summary>Of the first one.</summary>
    public GenerationTimings Timings => generations[0].Timings;

    /// <summary>Of those that have finished. The prompt counts once, however many choices there are.</summary>
    public Usage Usage
    {
        get
        {
            var ends = _ends.OfType<GenerationEvent.Finished>().ToList();
            var (prompt, completion) = (ends.Count == 0 ? 0 : ends[0].PromptTokens, ends.Sum(end => end.CompletionTokens));
            return new Usage(prompt, completion, prompt + completion)
            {
                PromptTokensDetails = new PromptTokensDetails(ends.Count == 0 ? 0 : ends.Min(end => end.CachedTokens)),
                CompletionTokensDetails = reasoning is null ? null : new CompletionTokensDetails(_thoughts.Sum(count => count.Tokens)),
            };
        }
    }

    /// <summary>The events of all, each in its order; the last one is the last's end, or the first that is no finish. Leaving the loop, or the token, cancels all.</summary>
    public async IAsyncEnumerable<(int Index, GenerationEvent Event)> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (generations.Count == 1)
        {
            await foreach (var next in generations[0].ReadAsync(cancellationToken))
            {
                yield return (0, Note(0, next));
            }

            yield break;
        }

        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var merged = Channel.CreateUnbounded<(int Index, GenerationEvent Event)>(new UnboundedChannelOptions { SingleReader = true });
        var readers = Task.WhenAll(generations.Select((generation, index) => CopyAsync(generation, index, merged.Writer, leaving.Token)));
        var closing = readers.ContinueWith(done => merged.Writer.TryComplete(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            await foreach (var (index, next) in merged.Reader.ReadAllAsync(cancellationToken))
            {
                yield return (index, Note(index, next));
                if (next is not (GenerationEvent.Text or GenerationEvent.Finished))
                {
                    yield break;
                }
            }
        }
        finally
        {
            await leaving.CancelAsync();
            await closing;
        }
    }

    /// <summary>For those that are not read.</summary>
    public void Cancel()
    {
        foreach (var generation in generations)
        {
            generation.Cancel();
        }
    }

    private static async Task CopyAsync(Generation generation, int index, ChannelWriter<(int Index, GenerationEvent Event)> events, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var next in generation.ReadAsync(cancellationToken))
            {
                events.TryWrite((index, next));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private GenerationEvent Note(int index, GenerationEvent next)
    {
        _ends[index] ??= next as GenerationEvent.Finished;
        if (_thoughts.Length > 0)
        {
            _thoughts[index].Note(next);
        }

        return next;
    }
}
