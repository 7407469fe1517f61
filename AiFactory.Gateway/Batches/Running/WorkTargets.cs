using System.Collections.Frozen;
using AiFactory.Gateway.Anthropic;
using AiFactory.Gateway.Infer;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Batches.Running;

/// <summary>Who answers a request of a batch, or a job's, by the path of its route.</summary>
internal sealed class WorkTargets(InferenceHandler inference, InferHandler infer, MessagesHandler messages)
{
    /// <summary>One envelope for every kind of model.</summary>
    public const string Infer = "/api/infer";

    private const string Messages = "/v1/messages";

    private static readonly FrozenDictionary<string, Operation> Operations = Operation.All.Where(operation => !operation.HasOwnHandler)
        .Append(Operation.Infer with { Path = Infer[1..] })
        .Append(Operation.ChatCompletion with { Index = Operation.NoIndex, Path = Messages[1..] })
        .ToFrozenDictionary(operation => $"/{operation.Path}", StringComparer.Ordinal);

    /// <summary>For a sentence that says what can be asked for.</summary>
    public static string Names { get; } = string.Join(", ", Operations.Keys.Order(StringComparer.Ordinal));

    public static bool Has(string path) => Operations.ContainsKey(path);

    /// <param name="path">One that was checked when the work was taken in.</param>
    public WorkTarget Find(string path)
    {
        var operation = Operations[path];
        return new WorkTarget(operation, path switch
        {
            Infer => infer.InvokeAsync,
            Messages => messages.CreateAsync,
            _ => context => inference.InvokeAsync(context, operation),
        });
    }
}

/// <param name="Operation">Names the path.</param>
internal sealed record WorkTarget(Operation Operation, Func<HttpContext, Task> InvokeAsync);
