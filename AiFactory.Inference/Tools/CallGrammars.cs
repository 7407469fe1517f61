using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AiFactory.Inference.Engine.Sampling;
using AiFactory.Inference.Generations;
using AiFactory.Inference.Grammars;
using AiFactory.Inference.OpenAI;

namespace AiFactory.Inference.Tools;

/// <summary>
/// What an answer with tools is held to. An agent sends the same tools with each of its requests, so what was compiled for them is kept.
/// </summary>
internal sealed class CallGrammars
{
    private const int MostKept = 64;

    /// <summary>Places in all grammars that are kept; each has 16 bytes.</summary>
    private const int MostElements = 1_000_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Kept> _kept = [];
    private long _uses;

    /// <summary>How many are kept.</summary>
    public int Count => _kept.Count;

    /// <param name="answer">What an answer that is no call is held to; null when it may be any.</param>
    public OpenAIError? Hold(ToolUse use, AnswerGrammar? answer, CancellationToken cancellationToken, ref AnswerRules rules)
    {
        if (use.Tools is null)
        {
            return AnswerRulesReader.Hold(answer, ref rules);
        }

        if (answer?.IsRaw == true)
        {
            return OpenAIError.Unsupported(answer.Field, " together with 'tools'");
        }

        var key = Key(use, answer);
        if (!TryFind(key, out var grammars))
        {
            if (Compile(use, answer, cancellationToken, out grammars) is { } refusal)
            {
                return refusal;
            }

            Keep(key, grammars);
        }

        var isWhole = use.IsRequired || answer is not null;
        rules = rules with
        {
            Grammar = isWhole ? grammars[0] : null,
            Calls = isWhole || grammars.Count == 0 ? null : new HeldCalls([.. use.Format.Held.Select((held, index) => (held.Mark, grammars[index]))], use.IsStrict)
            {
                Start = use.Format.HeldAtStart is { } start ? (start.Mark, grammars[^1]) : null,
            },
        };
        return null;
    }

    /// <summary>
    /// 1. Each function's schema, where it can be expressed. 2. When that is too much together, only those of strict functions. 3. When that is too much and nobody asked for it, nothing.
    /// </summary>
    private static OpenAIError? Compile(ToolUse use, AnswerGrammar? answer, CancellationToken cancellationToken, out IReadOnlyList<Grammar> grammars)
    {
        var refusal = Compile(use, answer, onlyStrict: false, cancellationToken, out grammars);
        if (refusal is null || use.Functions.All(function => function.IsStrict))
        {
            return refusal;
        }

        refusal = Compile(use, answer, onlyStrict: true, cancellationToken, out grammars);
        return use.IsRequired || use.IsStrict || answer is not null ? refusal : null;
    }

    private static OpenAIError? Compile(ToolUse use, AnswerGrammar? answer, bool onlyStrict, CancellationToken cancellationToken, out IReadOnlyList<Grammar> grammars)
    {
        grammars = [];
        if (ToolGrammar.Write(use, answer, onlyStrict, cancellationToken, out var written) is { } refusal)
        {
            return refusal;
        }

        // A grammar for each way to begin a call.
        string[] tops = use.IsRequired || answer is not null ? [written.Top] : [.. use.Format.Held.Select(held => held.Rule), .. use.Format.HeldAtStart is { } start ? [start.Rule] : Array.Empty<string>()];
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

    private bool TryFind(string key, out IReadOnlyList<Grammar> grammars)
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

    private void Keep(string key, IReadOnlyList<Grammar> grammars)
    {
        lock (_lock)
        {
            _kept[key] = new Kept(grammars) { LastUse = ++_uses };
            while (_kept.Count > MostKept || (_kept.Count > 1 && _kept.Values.Sum(kept => kept.Elements) > MostElements))
            {
                _kept.Remove(_kept.MinBy(pair => pair.Value.LastUse).Key);
            }
        }
    }

    /// <summary>All that the grammar depends on; names have no spaces.</summary>
    private static string Key(ToolUse use, AnswerGrammar? answer)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{use.Format.Begin} {use.Format.GetHashCode()} {use.IsRequired} {use.RequiredName} {use.IsSingle} {answer?.Text.Length} {answer?.Text}{answer?.Top}\n");
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

        public int Elements { get; } = grammars.Sum(grammar => grammar.Elements.Length);

        public long LastUse { get; set; }
    }
}
