using Aspire.Hosting;
using Aspire.Hosting.Pipelines;

namespace AiFactory.Hosting.Pipelines;

/// <summary>Runs the steps that a target needs, one after another, in an order that depends on nothing but their names and edges.</summary>
internal sealed class Pipeline : IDistributedApplicationPipeline
{
    private readonly Dictionary<string, Step> _steps = new(StringComparer.Ordinal)
    {
        [WellKnownPipelineSteps.PublishPrereq] = new(WellKnownPipelineSteps.PublishPrereq, null, []),
        [WellKnownPipelineSteps.Publish] = new(WellKnownPipelineSteps.Publish, null, []),
    };

    private readonly List<(string Step, string RequiredBy)> _required = [];

    public void AddStep(string name, Func<PipelineStepContext, Task> action, object? dependsOn = null, object? requiredBy = null)
    {
        if (!_steps.TryAdd(name, new Step(name, action, [.. Names(dependsOn)])))
        {
            throw new InvalidOperationException($"The pipeline has a step '{name}' already.");
        }

        _required.AddRange(Names(requiredBy).Select(target => (name, target)));
    }

    public async Task ExecuteAsync(string target, PipelineContext context)
    {
        foreach (var (step, requiredBy) in _required)
        {
            Find(requiredBy, step).DependsOn.Add(step);
        }

        _required.Clear();
        await RunAsync(Find(target, null), context, []);
    }

    private async Task RunAsync(Step step, PipelineContext context, List<string> path)
    {
        if (step.Done)
        {
            return;
        }

        if (path.Contains(step.Name))
        {
            throw new InvalidOperationException($"The pipeline's steps wait for each other: {string.Join(" -> ", path)} -> {step.Name}.");
        }

        path.Add(step.Name);
        foreach (var name in step.DependsOn.Order(StringComparer.Ordinal))
        {
            await RunAsync(Find(name, step.Name), context, path);
        }

        path.RemoveAt(path.Count - 1);
        context.CancellationToken.ThrowIfCancellationRequested();
        await (step.Action?.Invoke(new PipelineStepContext { PipelineContext = context }) ?? Task.CompletedTask);
        step.Done = true;
    }

    private Step Find(string name, string? askedBy) => _steps.GetValueOrDefault(name)
        ?? throw new InvalidOperationException(askedBy is null ? $"The pipeline has no step '{name}'." : $"The pipeline's step '{askedBy}' names '{name}', which is not there.");

    private static IEnumerable<string> Names(object? steps) => steps switch
    {
        null => [],
        string one => [one],
        IEnumerable<string> several => several,
        _ => throw new ArgumentException($"A step is named by a string, or several by strings, not by {steps.GetType()}.", nameof(steps)),
    };

    private sealed class Step(string name, Func<PipelineStepContext, Task>? action, List<string> dependsOn)
    {
        public string Name => name;

        public Func<PipelineStepContext, Task>? Action => action;

        public List<string> DependsOn => dependsOn;

        public bool Done { get; set; }
    }
}
