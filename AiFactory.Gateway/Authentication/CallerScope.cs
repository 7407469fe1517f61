using System.Collections.Frozen;
using System.IO.Enumeration;
using AiFactory.Contracts;
using AiFactory.Contracts.Routing;
using AiFactory.Gateway.OpenAI;

namespace AiFactory.Gateway.Authentication;

/// <summary>What an API key is limited to, made once for all of its requests.</summary>
internal sealed class CallerScope
{
    /// <summary>More of them do not help who reads a refusal.</summary>
    private const int PatternsInText = 10;

    private readonly string[] _patterns;

    /// <summary>Null: all.</summary>
    private readonly FrozenSet<string>? _operations;

    /// <summary>Of the models that one of the operations can be asked of; null: all.</summary>
    private readonly FrozenSet<string>? _tasks;

    public CallerScope(string key, KeyScope scope)
    {
        Key = key;
        _patterns = [.. scope.Models];
        if (scope.Operations.Count > 0)
        {
            _operations = scope.Operations.ToFrozenSet(StringComparer.Ordinal);
            _tasks = _operations.Contains(ModelOperations.Infer)
                ? null
                : Operation.All.Where(operation => _operations.Contains(operation.Scope)).SelectMany(operation => operation.Tasks).ToFrozenSet(StringComparer.Ordinal);
        }

        Text = $"{Models()} and {(scope.Operations.Count == 0 ? "every operation" : $"the operations {string.Join(", ", scope.Operations)}")}";
    }

    /// <summary>The key's name.</summary>
    public string Key { get; }

    /// <summary>In words.</summary>
    public string Text { get; }

    public bool Allows(Operation operation) => _operations is null || _operations.Contains(operation.Scope);

    public bool Allows(ReadOnlySpan<char> model)
    {
        foreach (var pattern in _patterns)
        {
            // The library lets neither ? nor a backslash into a pattern, which would mean something here too.
            if (FileSystemName.MatchesSimpleExpression(pattern, model, ignoreCase: false))
            {
                return true;
            }
        }

        return _patterns.Length == 0;
    }

    /// <summary>Whether the key may call this model by any operation.</summary>
    public bool Lists(string model, string task) => Allows(model) && (_tasks is null || _tasks.Contains(task));

    private string Models() => _patterns.Length switch
    {
        0 => "every model",
        > PatternsInText => $"the models {string.Join(", ", _patterns.Take(PatternsInText))} and {_patterns.Length - PatternsInText} more",
        _ => $"the models {string.Join(", ", _patterns)}",
    };
}
