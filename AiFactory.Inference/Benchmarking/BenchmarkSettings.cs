namespace AiFactory.Inference.Benchmarking;

/// <summary>A stated load on a server that speaks OpenAI's protocol.</summary>
/// <param name="Server">With or without its <c>/v1</c>.</param>
/// <param name="Model">The name that the server knows.</param>
internal sealed record BenchmarkSettings(Uri Server, string Model)
{
    /// <summary>Sent as <c>Authorization: Bearer</c>.</summary>
    public string? Key { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Chat completions; else completions.</summary>
    public bool Chat { get; init; } = true;

    /// <summary>Requests that are under way at any time; each ends before the next begins. Not used with a <see cref="Rate"/>.</summary>
    public int Concurrency { get; init; } = 1;

    /// <summary>Requests that begin in a second, at random (a Poisson process), however many are under way; null keeps to <see cref="Concurrency"/>.</summary>
    public double? Rate { get; init; }

    public int Requests { get; init; } = 32;

    /// <summary>Requests before the measured ones.</summary>
    public int Warmup { get; init; }

    /// <summary>About: words are counted by the usage that the server tells.</summary>
    public int PromptTokens { get; init; } = 256;

    /// <summary>At most; a server that honours <c>ignore_eos</c> gives exactly so many when <see cref="IgnoreEnd"/> is set.</summary>
    public int OutputTokens { get; init; } = 128;

    /// <summary>The part of the prompt, from its beginning, that is the same in all requests: 0 to 1.</summary>
    public double SharedPrefix { get; init; }

    public bool IgnoreEnd { get; init; }

    /// <summary>False asks for prompts to be computed whole: <c>cache_prompt</c>, as the worker and llama-server know it.</summary>
    public bool ReadsCache { get; init; } = true;

    public double Temperature { get; init; }

    /// <summary>Other prompts with each seed, so that a run does not find its own prompts in the server's cache.</summary>
    public int Seed { get; init; }

    /// <summary>Milliseconds to the first token that a request may take to count for goodput; null asks nothing.</summary>
    public double? FirstTokenGoal { get; init; }

    /// <summary>Milliseconds for each token after the first, in the mean of a request, to count for goodput; null asks nothing.</summary>
    public double? InterTokenGoal { get; init; }

    /// <summary>How long one request may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);
}
