using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>Who answers a request of a batch.</summary>
internal sealed class WorkTargets(InferenceHandler inference)
{
    /// <param name="endpoint">One that was checked when the work was taken in.</param>
    public WorkTarget Find(string endpoint)
    {
        var operation = BatchEndpoints.Find(endpoint) ?? throw new InvalidOperationException($"Nobody answers {endpoint}.");
        return new WorkTarget(operation, context => inference.InvokeAsync(context, operation));
    }
}

/// <param name="Operation">Names the path.</param>
internal sealed record WorkTarget(Operation Operation, Func<HttpContext, Task> InvokeAsync);
