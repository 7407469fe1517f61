using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Generations;
using AiFactory.Inference.Grammars;
using AiFactory.Inference.OpenAI;
using AiFactory.Inference.Schemas;
using AiFactory.Inference.Tools.Formats;

namespace AiFactory.Inference.Tools;

/// <summary>
/// What an answer with tools is held to. An agent sends the same tools with each of its requests, so what was compiled for them is kept.
/// </summary>
internal sealed class CallGrammars
{
    private const int MostKept = 64;

    /// <summary>Of one project: it does not decide that all others compile each time.</summary>
    private const int MostOfProject = 16;

    /// <summary>Places in all grammars that are kept, and ranges of their characters; each has 16 bytes.</summary>
    private const int MostElements = 1_000_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Project, string Key), Kept> _kept = [];
    private long _uses;

    /// <summary>How many are kept.</summary>
    public int Count => _kept.Count;

    /// <param name="answer">What an answer that is no call is held to; null when it may be any.</param>
    public OpenAIError? Hold(ToolUse use, AnswerGrammar? answer, string project, CancellationToken cancellationToken, ref AnswerRules rules)
    {
        if (use.Format is not { } format)
        {
            return AnswerRulesReader.Hold(answer, ref rules);
        }

        if (answer?.IsRaw == true)
        {
            return OpenAIError.Unsupported(answer.Field, " together with 'tools'");
        }

        var key = (project, Key(format, use, answer));
        if (!TryFind(key, out var grammars))
        {
            if (Compile(format, use, answer, cancellationToken, out grammars) is { } refusal)
            {
                return refusal;
            }

            Keep(key, grammars);
        }

        var isWhole = use.IsRequired || answer is not null;
        rules = rules with
        {
            Grammar = isWhole ? grammars[0] : null,
            Calls = isWhole || grammars.Count == 0 ? null : new HeldCalls([.. format.Held.Select((held, index) => (held.Mark, grammars[index]))], use.IsStrict)
            {
                Start = format.HeldAtStart is { } start ? (start.Mark, grammars[^1]) : null,
            },
        };
        return null;
    }

    /// <summary>
    /// 1. Each function's schema, where it can be expressed. 2. When that is too much together, only those of strict functions. 3. When that is too much and nobody asked for it, nothing.
    /// </summary>
    private static OpenAIError? Compile(CallFormat format, ToolUse use, AnswerGrammar? answer, CancellationToken cancellationToken, out IReadOnlyList<Grammar> grammars)
    {
        var refusal = Compile(format, use, answer, onlyStrict: false, cancellationToken, out grammars);
        if (refusal is null || use.Functions.All(function => function.IsStrict))
        {
            return refusal;
        }

        refusal = Compile(format, use, answer, onlyStrict: true, cancellationToken, out grammars);
        return use.IsRequired || use.IsStrict || answer is not null ? refusal : null;
    }

    private static OpenAIError? Compile(CallFormat format, ToolUse use, AnswerGrammar? answer, bool onlyStrict, CancellationToken cancellationToken, out IReadOnlyList<Grammar> grammars)
    {
        grammars = [];
        if (ToolGrammar.Write(format, use, answer, onlyStrict, new SchemaWork(cancellationToken), out var written) is { } refusal)
        {
            return refusal;
        }

        // A grammar for each way to begin a call.
        string[] tops = use.IsRequired || answer is not null ? [written.Top] : [.. format.Held.Select(held => held.Rule), .. format.HeldAtStart is { } start ? [start.Rule] : Array.Empty<string>()];
        var compiled = new List<Grammar>();
        foreach (var top in tops)
        {
            if ((written with { Top = top }).Compile(out var grammar) is { } fault)
            {
                return fault;
            }

            compiled.AddRange(grammar is null ? [] : [grammar]);
        }

        grammars = compiled;
        return null;
    }

    private bool TryFind((string Project, string Key) key, out IReadOnlyList<Grammar> grammars)
    {
        lock (_lock)
        {
            var isKept = _kept.TryGetValue(key, out var kept);
            grammars = kept?.Grammars ?? [];
            if (kept is not null)
            {
                kept.LastUse = ++_uses;
            }

            return isKept;
        }
    }

    private void Keep((string Project, string Key) key, IReadOnlyList<Grammar> grammars)
    {
        lock (_lock)
        {
            _kept[key] = new Kept(grammars) { LastUse = ++_uses };
            while (_kept.Keys.Count(kept => kept.Project == key.Project) > MostOfProject)
            {
                RemoveOldest_NeedsLock(kept => kept.Project == key.Project);
            }

            while (_kept.Count > MostKept || (_kept.Count > 1 && _kept.Values.Sum(kept => kept.Elements) > MostElements))
            {
                RemoveOldest_NeedsLock(_ => true);
            }
        }
    }

    private void RemoveOldest_NeedsLock(Func<(string Project, string Key), bool> isOf) => _kept.Remove(_kept.Where(pair => isOf(pair.Key)).MinBy(pair => pair.Value.LastUse).Key);

    /// <summary>All that the grammar depends on; names have no spaces.</summary>
    private static string Key(CallFormat format, ToolUse use, AnswerGrammar? answer)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{format.Begin} {format.GetHashCode()} {use.IsRequired} {use.ThinksFirst} {use.RequiredName} {use.IsSingle} {answer?.Text.Length} {answer?.Text}{answer?.Top}\n");
        foreach (var function in use.Functions)
        {
            var parameters = function.Parameters?.GetRawText();
            text.Append(CultureInfo.InvariantCulture, $"{function.Name} {function.IsStrict} {parameters?.Length} {parameters}\n");
        }

        return Convert.ToHexString(SHA256.HashData(Encoding.Unicode.GetBytes(text.ToString())));
    }

    private sealed class Kept(IReadOnlyList<Grammar> grammars)
    {
        public IReadOnlyList<Grammar> Grammars { get; } = grammars;

        public int Elements { get; } = grammars.Sum(grammar => grammar.Elements.Length + grammar.Classes.Sum(characters => characters.Ranges.Count));

        public long LastUse { get; set; }
    }
}
