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
        if (!TryFind(key, out var grammar))
        {
            if (Compile(use, answer, cancellationToken, out grammar) is { } refusal)
            {
                return refusal;
            }

            Keep(key, grammar);
        }

        var isWhole = use.IsRequired || answer is not null;
        rules = rules with { Grammar = isWhole ? grammar : null, Calls = isWhole || grammar is null ? null : new HeldCalls([(HermesFormat.Begin, grammar)], use.IsStrict) };
        return null;
    }

    /// <summary>
    /// 1. Each function's schema, where it can be expressed. 2. When that is too much together, only those of strict functions. 3. When that is too much and nobody asked for it, nothing.
    /// </summary>
    private static OpenAIError? Compile(ToolUse use, AnswerGrammar? answer, CancellationToken cancellationToken, out Grammar? grammar)
    {
        grammar = null;
        var refusal = ToolGrammar.Write(use, answer, onlyStrict: false, cancellationToken, out var written) ?? written.Compile(out grammar);
        if (refusal is null || use.Functions.All(function => function.IsStrict))
        {
            return refusal;
        }

        refusal = ToolGrammar.Write(use, answer, onlyStrict: true, cancellationToken, out written) ?? written.Compile(out grammar);
        return use.IsRequired || use.IsStrict || answer is not null ? refusal : null;
    }

    private bool TryFind(string key, out Grammar? grammar)
    {
        lock (_lock)
        {
            var isKept = _kept.TryGetValue(key, out var kept);
            grammar = kept?.Grammar;
            if (kept is not null)
            {
                kept.LastUse = ++_uses;
            }

            return isKept;
        }
    }

    private void Keep(string key, Grammar? grammar)
    {
        lock (_lock)
        {
            _kept[key] = new Kept(grammar) { LastUse = ++_uses };
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
        text.Append(CultureInfo.InvariantCulture, $"{use.IsRequired} {use.RequiredName} {use.IsSingle} {answer?.Text.Length} {answer?.Text}{answer?.Top}\n");
        foreach (var function in use.Functions)
        {
            var parameters = function.Parameters?.GetRawText();
            text.Append(CultureInfo.InvariantCulture, $"{function.Name} {function.IsStrict} {parameters?.Length} {parameters}\n");
        }

        return Convert.ToHexString(SHA256.HashData(Encoding.Unicode.GetBytes(text.ToString())));
    }

    private sealed class Kept(Grammar? grammar)
    {
        public Grammar? Grammar { get; } = grammar;

        public int Elements { get; } = grammar?.Elements.Length ?? 0;

        public long LastUse { get; set; }
    }
}
